"""The kinds of task that the practice model has rules for, one file each, in the order of the bundled tasks."""

from __future__ import annotations

from lab.practice.kinds import contacts, dates, hidden_rule, sentiment, triage, word_problems

KINDS = (sentiment.KIND, triage.KIND, dates.KIND, word_problems.KIND, contacts.KIND, hidden_rule.KIND)
