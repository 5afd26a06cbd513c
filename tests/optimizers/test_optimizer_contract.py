"""What every optimizer keeps to: parametrized over all of them, so that a new one gets the whole contract."""

from __future__ import annotations

import subprocess
import sys

from support.contract import *  # noqa: F403, the tests
from support.contract import LIKELY, check_every_setting_is_documented_and_has_a_range
from support.scripted import KINDS, TASK, at_once, perform, run_of, walk

from lab.core.asks import Candidate, Done, Evaluate, Generate
from lab.core.review import propose


def test_optimizers_import_nothing_that_has_an_effect() -> None:
    program = (
        "import sys, lab.optimizers\n"
        "banned = {'openai', 'sqlalchemy', 'gradio', 'pandas', 'altair', 'asyncio', 'lab.store', 'lab.models'}\n"
        "print(sorted(banned & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_phases_whose_replies_are_read_as_prompts_say_so_and_no_others() -> None:
    for one in KINDS:
        context = run_of(one)
        for phase, ask in walk(context, one):
            if isinstance(ask, Generate):
                items = at_once(propose(context, phase, perform)).items
                assert {isinstance(item, Candidate) for item in items} == {getattr(phase, "writes_prompts", False)}
            else:
                assert not getattr(phase, "writes_prompts", False) or isinstance(ask, Done)


def test_the_suite_compares_candidates_by_likelihood_too() -> None:
    for kind in LIKELY:
        asked = {ask.by for _, ask in walk(run_of(kind), kind) if isinstance(ask, Evaluate)}
        assert "likelihood" in asked
    assert [kind.name for kind in LIKELY] == ["ape", "protegi"]


def test_the_toy_task_has_a_test_split_that_a_run_never_holds() -> None:
    assert TASK.test
    assert not run_of(KINDS[0]).task.test


def test_every_setting_is_documented_and_has_a_range() -> None:
    check_every_setting_is_documented_and_has_a_range()
