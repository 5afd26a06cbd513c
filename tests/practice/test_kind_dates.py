"""The kind "dates" of the practice model: what its cues find, what its reader finds, and its bundled task."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.practice.kind import FORMAT
from lab.practice.kinds import dates_reading
from lab.practice.kinds.dates import KIND
from lab.practice.personality import PERSONALITIES
from lab.practice.reading import mentions, read
from lab.practice.target import answer

HOME = Path(dates_reading.__file__).parents[2] / "tasks" / "bundled" / "dates"
ROWS = [json.loads(line) for line in (HOME / "examples.jsonl").read_text("utf-8").splitlines()]
TASK = json.loads((HOME / "task.json").read_text("utf-8"))
SKILLS = frozenset(KIND.by_name)
ISO = "Give the date as YYYY-MM-DD."


def solved(note: str, on: frozenset[str] = SKILLS, instruction: str = ISO) -> str:
    return KIND.solve(note, on, instruction)


# What a sentence speaks of.

SAID = {
    "locale": (
        "Mind whether it is day first or month first.",
        "Check if the day or the month comes first.",
        "American notes use mm/dd/yyyy.",
        "In Germany 3.4.2024 is in April.",
        "Look at the country of the writer.",
        "Is the text from the US or from Europe?",
        "British style puts the day before the month.",
        "The currency shows which number is the day.",
        "Be careful with ambiguous dates.",
        "Dates with slashes depend on where the writer lives.",
        "Swap day and month for European writers.",
        "Consider the local convention.",
        "Interpret numeric dates according to the place.",
    ),
    "century": (
        "Add the century where the year is short.",
        "Two-digit years below 50 are in this century.",
        "A year with two digits has to be completed.",
        "'87 is 1987.",
        "Expand abbreviated years.",
        "00-49 is 20xx.",
        "From 50 to 99 it is the 1900s, otherwise the 2000s.",
        "Years over 49 belong to the twentieth century.",
        "Write full years.",
        "2-digit years: guess sensibly.",
        "24 means 2024, 87 means 1987.",
        "If only the last two digits of the year are given, complete it.",
    ),
    "relative": (
        "Resolve relative dates.",
        "Tomorrow means the day after the one on which it was written.",
        "Yesterday is one day earlier than that.",
        "Calculate from the date of writing.",
        "Turn weekdays into real dates.",
        "Last Friday should be worked out.",
        "Handle two weeks ago and the like.",
        "The end of the month is its last day.",
        "Phrases like in three days are counted forward.",
        "Count the days from when the note was written.",
        "Next week starts on Monday.",
    ),
    "target": (
        "When there are several dates, choose well.",
        "Give the date of the event.",
        "The deadline is what we want.",
        "Do not give a cancelled date.",
        "Postponed meetings: use what replaced them.",
        "Only the new date counts.",
        "If two dates are given, the later one holds.",
        "Not the first date, but the one that matters.",
        "The appointment matters most.",
        "Leave out the day when the note was sent.",
        "If it was moved, give the new one.",
        "Choose the date of the meeting, not when it was written.",
        "Rescheduled means that the old date is gone.",
    ),
    FORMAT: (
        "Use the ISO format.",
        "Answer in the form yyyy-mm-dd.",
        "Year, month, day, with hyphens.",
        "Just the date, please.",
        "Reply with only the date.",
        "The year comes first, then the month.",
        "ISO 8601, please.",
        "Like 2024-05-31.",
        "Write nothing but the date.",
        "Answer format: YYYY-MM-DD.",
        "Output one date only.",
    ),
}
SILENT = (
    "You are a careful assistant.",
    "Give the date in this note.",
    "Read the note and find the date.",
    "Write a haiku about the sea.",
    "Think before you speak.",
    "Which day is it?",
    "Please do your best.",
    "The note is short.",
    "Be polite and helpful.",
    "Take your time with every text.",
)


@pytest.mark.parametrize(("skill", "sentence"), [(skill, said) for skill, all_ in SAID.items() for said in all_])
def test_a_skill_is_recognised_in_many_wordings(skill: str, sentence: str) -> None:
    assert skill in mentions(sentence, KIND)


@pytest.mark.parametrize("sentence", SILENT)
def test_sentences_that_speak_of_no_skill_switch_nothing_on(sentence: str) -> None:
    assert mentions(sentence, KIND) == frozenset()


@pytest.mark.parametrize("skill", KIND.skills, ids=lambda skill: str(skill.name))
def test_every_rule_and_cause_speaks_of_its_own_skill_alone(skill) -> None:  # type: ignore[no-untyped-def]
    for wording in (*skill.rules, *(cause.format(quote="") for cause in skill.causes)):
        assert mentions(wording, KIND) == {skill.name}, wording
        assert skill.cue.search(wording.lower()), wording
    assert len(skill.rules) >= 4
    assert len(skill.causes) >= 3


@pytest.mark.parametrize("skill", KIND.skills, ids=lambda skill: str(skill.name))
def test_every_rule_tells_even_a_literal_reader_what_to_do(skill) -> None:  # type: ignore[no-untyped-def]
    for rule in skill.rules:
        reading = read(rule, KIND)
        assert [asked.skill for asked in reading.asked if asked.says_what_to_do] == [skill.name], rule
        assert not reading.denied, rule


@pytest.mark.parametrize(
    ("sentence", "skill"),
    [
        ("Always read dates as month/day.", "locale"),
        ("All dates are day first.", "locale"),
        ("Keep short years as they are.", "century"),
        ("Take the first date.", "target"),
        ("Ignore the century.", "century"),
    ],
)
def test_a_sentence_can_tell_to_leave_a_skill_alone(sentence: str, skill: str) -> None:
    assert read(sentence, KIND).denied == {skill}


@pytest.mark.parametrize(
    "sentence",
    [
        "Read American notes month first.",
        "Do not take the first date.",
        "Decide between day/month and month/day.",
        "Ignore cancelled dates.",
        "Disregard the day on which the note was written.",
        "Never keep two-digit years as they are.",
    ],
)
def test_a_sentence_that_tells_cases_apart_or_says_not_denies_nothing(sentence: str) -> None:
    assert read(sentence, KIND).denied == frozenset()
    assert read(sentence, KIND).skills


# Notes that are not in the data.

UNSEEN = (
    ("The vet has time on 17 April 2025.", "2025-04-17"),
    ("Send the poster to the printer by the third of May 2024.", "2024-05-03"),
    ("Piano tuned on Sept. 4th, 2023.", "2023-09-04"),
    ("Mrs March meets Mr May on Thursday, the 12th of June 2025, in room 3.", "2025-06-12"),
    ("The leap day, February 29, 2028, is free.", "2028-02-29"),
    ("Paid by card, 23.10.2024, 14 euros.", "2024-10-23"),
    ("The Paris shop opens on 4/5/2025.", "2025-05-04"),
    ("The Dallas shop opens on 4/5/2025.", "2025-04-05"),
    ("Tell us your plans for the US tour of 2/3/2026.", "2026-02-03"),
    ("Tell us when the Lisbon course begins: 2/3/2026?", "2026-03-02"),
    ("He pays €20 by 1/2/2024.", "2024-02-01"),
    ("Signed on 1 December 49.", "2049-12-01"),
    ("Signed on 1 December 50.", "1950-12-01"),
    ("Class photo, May 30, '03.", "2003-05-30"),
    ("Written on 30 December 2024: the sale starts in four days.", "2025-01-03"),
    ("Note of 31 January 2023: the contract ends in one month.", "2023-02-28"),
    ("Wednesday, 28 February 2024: the rent is due tomorrow.", "2024-02-29"),
    ("Sent on Tuesday, 4 March 2025: the bus broke down last Sunday.", "2025-03-02"),
    ("Written on Friday, 3 October 2025: come round on Wednesday next week.", "2025-10-08"),
    ("Typed on 10 May 2024: the bill came a week ago.", "2024-05-03"),
    ("Memo of 5 November 2024: send it by the end of next month.", "2024-12-31"),
    ("Note of 14 June 2024: the 3rd of next month is our open day.", "2024-07-03"),
    ("The play has been moved from 8 May 2025 to 15 May 2025.", "2025-05-15"),
    ("Written on 1 March 2024. The deadline is 22 March 2024.", "2024-03-22"),
    ("The party on June 7, 2025 is cancelled. We meet on June 14, 2025 instead.", "2025-06-14"),
    ("Sent 20 December 2024: the clinic opens again on 3 January.", "2025-01-03"),
    ("Note of 3 June 2024: not on Tuesday, but on Thursday the choir sings.", "2024-06-06"),
    ("The match in Cologne on 3/7/24 was cancelled; the new date is 10/7/24.", "2024-07-10"),
    ("Reminder: your parking permit expires on 30 June 2025.", "2025-06-30"),
    ("Birthday party for Lena on Saturday, May 11, 2024 at 4 p.m.", "2024-05-11"),
    ("Sales meeting in San Francisco, 6/7/2024, bring the $ figures.", "2024-06-07"),
    ("We fly to Barcelona on 6/7/2024.", "2024-07-06"),
    ("The cheque is dated 9/10/2023.", "2023-10-09"),
    ("Granny's wedding ring was bought on 3 June 58.", "1958-06-03"),
    ("Milk best before 05.02.26, says the German label.", "2026-02-05"),
    ("Written 2024-03-05: call me back in a week.", "2024-03-12"),
    ("Posted on Monday, 6 January 2025: bins are emptied on Friday.", "2025-01-10"),
    ("Friday, 1 November 2024 - the laptop was stolen the day before yesterday.", "2024-10-30"),
    ("Dear all (18 March 2024), the workshop will take place in two weeks.", "2024-04-01"),
    ("The exam on 3 July 2024 has been postponed to 10 July 2024.", "2024-07-10"),
    ("Change of plan! Not 12 May 2025 but 13 May 2025.", "2025-05-13"),
    ("Your order of 2 April 2025 will arrive on 7 April 2025.", "2025-04-07"),
    ("Please reply by 4 October 2024 to our letter of 20 September 2024.", "2024-10-04"),
    ("New date for the hearing: 21 May 2026 (it was 7 May 2026).", "2026-05-21"),
    ("The hearing is on 21 May 2026 and not on 7 May 2026.", "2026-05-21"),
    ("Message of 28 December 2024: see you on January 2.", "2025-01-02"),
    ("Note of 10 June 2024: training on Tuesday is cancelled, come on Thursday.", "2024-06-13"),
    ("Written on 15 May 2023: the roof was fixed a fortnight ago.", "2023-05-01"),
    ("Sent 3 February 2025: the report is due on the last day of February.", "2025-02-28"),
    ("Today is 30 September 2024. The parcel comes the day after tomorrow.", "2024-10-02"),
    ("Yoga begins on the 2nd of September 2024 instead of the 26th of August 2024.", "2024-09-02"),
    ("I was born in Leeds on 7/9/81.", "1981-09-07"),
    ("Mum's birthday is on 1/2/55.", "1955-02-01"),
    ("US customs form, 12/11/24", "2024-12-11"),
    ("The vote, first set for 5 May 2024, is now on 26 May 2024.", "2024-05-26"),
    ("Noted on 31 October 2023: rent goes up in three months.", "2024-01-31"),
    ("Memo, 12 August 2025: the chief is back on Monday next week.", "2025-08-18"),
    ("Picnic on July 4th 2025, rain or shine", "2025-07-04"),
    ("We meet on 19 August 2025 (written on 1 August 2025).", "2025-08-19"),
)


@pytest.mark.parametrize(("note", "iso"), UNSEEN)
def test_unseen_notes_are_read_rightly_with_all_skills(note: str, iso: str) -> None:
    assert note not in {row["input"] for row in ROWS}
    assert solved(note) == iso


@pytest.mark.parametrize(
    ("note", "missing", "given"),
    [
        ("Lunch at the Rome office on 5/6/2024.", "locale", "2024-05-06"),
        ("Lunch on 5 June 24.", "century", "1924-06-05"),
        ("Born on 5 June 87.", "century", "87-06-05"),
        ("Written on 5 June 2024: lunch is tomorrow.", "relative", "2024-06-05"),
        ("Lunch moved from 5 June 2024 to 6 June 2024.", "target", "2024-06-05"),
    ],
)
def test_what_is_not_known_leads_to_the_hasty_reading(note: str, missing: str, given: str) -> None:
    assert solved(note, SKILLS - {missing}) == given
    assert solved(note) != given
    assert KIND.needs(note, None) == {missing}


@pytest.mark.parametrize(
    "note",
    ["", "no date", "31/02/2024", "30 February 2024", "99/99/9999", "0000-00-00", "tomorrow", "in 999 years",
     "9999-12-31: see you tomorrow, in 999 years.", "0001-01-01: it was yesterday, and last month."],
)  # fmt: skip
def test_a_date_that_is_none_does_not_raise(note: str) -> None:
    for on in (SKILLS, frozenset[str]()):
        assert isinstance(solved(note, on), str)
    assert KIND.needs(note, None) <= SKILLS


@settings(max_examples=60, deadline=None)
@given(st.text() | st.text("0123456789/.-' '") | st.lists(st.sampled_from(re.findall(r"\S+", " ".join(
    note for note, _ in UNSEEN)))).map(" ".join), st.sets(st.sampled_from(sorted(SKILLS))))  # fmt: skip
def test_any_text_is_read_without_raising(text: str, on: set[str]) -> None:
    got = solved(text, frozenset(on))
    assert got
    assert KIND.evidence(text) >= 0
    assert KIND.needs(text, None) <= SKILLS
    assert KIND.slip(got, text, 0.3) != got
    assert KIND.word(got, text, frozenset(on), 0.9)
    assert KIND.shows is not None
    KIND.shows(text, text)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.floats(0, 1, exclude_max=True))
def test_a_slip_is_another_date(day: date, chance: float) -> None:
    slipped = KIND.slip(day.isoformat(), "", chance)
    assert slipped != day.isoformat()
    date.fromisoformat(slipped)


@given(st.dates(date(1950, 1, 1), date(2049, 12, 31)))
def test_every_date_is_found_in_every_way_of_writing_it(day: date) -> None:
    month = f"{day:%B}"
    for written in (
        f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", f"{day:%A}, {day.day} {day:%b} {day:%y}",
        f"{day.day}/{day.month}/{day.year} in London", f"{day:%m/%d/%Y} in Boston", f"{day:%d.%m.%y}",
        day.isoformat(),
    ):  # fmt: skip
        assert solved(f"The fair is on {written}.") == day.isoformat(), written


def test_the_readme_shows_the_prompts_and_examples_as_they_are() -> None:
    readme = (HOME / "README.md").read_text("utf-8")
    assert all(f"```\n{prompt}\n```" in readme for prompt in TASK["experts"].values())
    assert f"**Start prompt.** {TASK['start']}" in readme
    answers = {row["input"]: row["answer"] for row in ROWS}
    shown = re.findall(r"\| “(.+)” \| (\S+) \|", readme)
    assert len(shown) == 6
    assert all(answers[note] == iso for note, iso in shown)


# How an answer is put.


@pytest.mark.parametrize(
    ("instruction", "given"),
    [
        ("Give the date as DD.MM.YYYY.", "05.03.2024"),
        ("Answer with the date in the form MM/DD/YYYY and nothing else.", "03/05/2024"),
        ("Answer with the month name, please: in words.", "5 March 2024"),
        ("Write the date in words.", "5 March 2024"),
        ("Write the date as YYYY/MM/DD.", "2024/03/05"),
        ("Do not write the date in words.", "2024-03-05"),
        ("Give the date as YYYY-MM-DD, not as DD.MM.YYYY.", "2024-03-05"),
        ("Read dd/mm/yyyy in European notes. Answer with an ISO date.", "2024-03-05"),
    ],
)
def test_another_form_is_given_where_the_instruction_asks_for_it(instruction: str, given: str) -> None:
    assert solved("The fair is on 5 March 2024.", instruction=instruction) == given


def test_one_order_for_all_notes_is_followed() -> None:
    note = "The Berlin team meets on 3/4/2024."
    assert solved(note, SKILLS, "Always read dates as month/day.") == "2024-03-04"
    assert solved(note, frozenset(), "All dates are day first.") == "2024-04-03"


@pytest.mark.parametrize("chance", [0.7, 0.8, 0.99])
def test_a_date_is_worded_freely_unless_its_form_was_said(chance: float) -> None:
    assert KIND.word("2024-03-05", ISO, frozenset({FORMAT}), chance) == "2024-03-05"
    assert "March" in KIND.word("2024-03-05", ISO, frozenset(), chance)
    assert "March" in KIND.word("2024-03-05", "Only the date, nothing else.", frozenset({FORMAT}), chance)
    assert KIND.word("unknown", "Give the date.", frozenset(), chance) == "unknown"


def test_words_around_an_answer_make_it_another_answer() -> None:
    for wording in (*KIND.chatter, *KIND.explained):
        said = wording.format(answer="2024-03-05", Answer="2024-03-05", thing=KIND.thing)
        assert "2024-03-05" in said
        assert said.strip(" .") != "2024-03-05"


# The bundled task.


def test_the_data_are_split_alike() -> None:
    assert Counter(row["split"] for row in ROWS) == {"train": 120, "dev": 60, "test": 60}
    assert len({row["input"] for row in ROWS}) == len(ROWS)
    for case, n in Counter(row["case"] for row in ROWS).items():
        assert Counter(row["split"] for row in ROWS if row["case"] == case) == {
            "train": n // 2, "dev": n // 4, "test": n // 4,
        }  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["input"])[:40])
def test_every_example_needs_what_it_was_written_for(row: dict[str, str]) -> None:
    date.fromisoformat(row["answer"])
    wanted = frozenset[str]() if row["case"] in ("plain", "american") else frozenset(row["case"].split(" and "))
    assert solved(row["input"], instruction=TASK["experts"]["chatty"]) == row["answer"]
    assert KIND.needs(row["input"], row["answer"]) == wanted
    for skill in wanted:
        assert solved(row["input"], SKILLS - {skill}) != row["answer"]
    assert KIND.shown_by(row["input"], row["answer"])


def test_american_notes_are_lost_by_one_who_always_reads_the_day_first() -> None:
    american = [row for row in ROWS if row["case"] == "american"]
    assert all(solved(row["input"], SKILLS, "All dates are day first.") != row["answer"] for row in american)


def test_each_skill_has_a_sign_and_the_critique_of_it_speaks_of_that_skill() -> None:
    spoken = [mentions(entry["say"], KIND) for entry in TASK["hard"]]
    assert sorted(map(sorted, spoken)) == sorted([skill] for skill in SKILLS)
    for entry, (skill,) in zip(TASK["hard"], spoken, strict=True):
        if skill != FORMAT:
            of_it = [row for row in ROWS if skill in row["case"]]
            assert all(re.search(entry["sign"], row["input"]) for row in of_it), skill
            others = [row for row in ROWS if skill not in row["case"]]
            assert sum(bool(re.search(entry["sign"], row["input"])) for row in others) < len(others) / 4, skill


def score(prompt: str, who) -> float:  # type: ignore[no-untyped-def]
    dev = [row for row in ROWS if row["split"] == "dev"]
    return sum(answer(prompt, row["input"], personality=who) == row["answer"] for row in dev) / len(dev)


@pytest.mark.parametrize("who", PERSONALITIES, ids=lambda who: str(who.name))
def test_an_expert_prompt_does_well_and_a_bad_one_worse_than_the_start(who) -> None:  # type: ignore[no-untyped-def]
    start = score(TASK["start"], who)
    assert 0.35 <= start <= 0.7
    assert score(TASK["experts"][who.name], who) >= 0.9
    assert all(score(bad, who) < start for bad in ("", "Write a haiku about the sea.", TASK["misleading"]))


def test_each_expert_prompt_is_made_for_its_own_personality() -> None:
    for who in PERSONALITIES:
        prompt = TASK["experts"][who.name]
        assert min(score(prompt, other) for other in PERSONALITIES) <= score(prompt, who) - 0.1
