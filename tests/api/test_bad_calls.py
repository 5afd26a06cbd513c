"""Each argument that does not fit is refused in one sentence that names it and says what it takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import lab

FRAME = pd.DataFrame({"text": [f"thing {i}" for i in range(40)], "label": ["bad", "good"] * 20})
ROWS = FRAME.to_dict("records")


def begin(**how: object) -> lab.Run:
    return lab.begin(**{"task": "sentiment", **how})  # type: ignore[arg-type]


def step() -> lab.Step:
    return begin(preset="quick", name="by hand").next(until="critiques")


def run() -> lab.Run:
    return begin(preset="quick", name="by hand")


CALLS: dict[str, tuple[Callable[[], object], str]] = {
    # begin
    "task of a text without end": (lambda: lab.load("x" * 100_000), "xxx…"),
    "jobs of a frame": (lambda: lab.Session(jobs=FRAME), "jobs must be the jobs of another session"),  # type: ignore[arg-type]
    "connections of a frame": (lambda: lab.Session(connections=FRAME), "connections must be"),  # type: ignore[arg-type]
    "task of a session of nothing": (lambda: lab.Session().begin(None), "task must be a task"),  # type: ignore[arg-type]
    "optimizer of a session of a frame": (
        lambda: lab.Session().begin(lab.load("dates"), optimizer_name=FRAME), "optimizer_name must be the name"),  # type: ignore[arg-type]
    "role of a frame": (lambda: lab.Models()[FRAME], "role must be one of optimizer, target"),  # type: ignore[index]
    "branch of a frame": (lambda: lab.Session().goto(FRAME, "x"), "branch must be the id of a branch"),  # type: ignore[arg-type]
    "branch of a huge number": (lambda: lab.Session().undo(10**30), "There is no such branch"),  # type: ignore[arg-type]
    "branch of half a character": (lambda: lab.Session().version("\ud800"), "branch must be the id of a branch"),
    "place of half a character": (lambda: lab.Session().book.node("\ud800"), "holds texts in UTF-8"),
    "search of nothing": (lambda: lab.Session().search(None), "text must be a text"),  # type: ignore[arg-type]
    "item of another step": (lambda: step().index(FRAME), "value must be an item of this step"),
    "task of another kind": (lambda: lab.Task.of(None), "task must be a task"),  # type: ignore[arg-type]
    "task of a number": (lambda: begin(task=3), "task must be a task, the name of a bundled one"),
    "task of nothing": (lambda: begin(task=None), "task must be"),
    "task of a name that is none": (lambda: begin(task="sentimental"), "'sentiment'"),
    "task of a file that is not there": (lambda: begin(task=Path("no.csv")), "task must be"),
    "task of a dict": (lambda: begin(task={"text": "a"}), "task must be"),
    "task of an empty list": (lambda: begin(task=[]), "record"),
    "task of numbers": (lambda: begin(task=[1, 2]), "records must be a list of dicts"),
    "optimizer of a number": (lambda: begin(optimizer=3), "optimizer must be the name of an optimizer"),
    "optimizer that is none": (lambda: begin(optimizer="adam"), "Choose one of: ape, protegi, opro, pe2"),
    "preset of a number": (lambda: begin(preset=3), "preset must be the name of a preset of ProTeGi"),
    "preset that is none": (lambda: begin(preset="fast"), "It has: paper, quick, thrifty"),
    "settings of a preset that is none": (lambda: begin(settings="fast"), "It has: paper, quick, thrifty"),
    "settings of a number": (lambda: begin(settings=3), "settings must be a dict of settings of ProTeGi"),
    "settings that are none": (lambda: begin(settings={"beams": 3}), "has no setting “beams”"),
    "settings out of range": (lambda: begin(settings={"beam": 0}), "beam must be from 1 to 32"),
    "settings of a text": (lambda: begin(settings={"beam": "wide"}), "beam must be a whole number"),
    "settings of another optimizer": (
        lambda: begin(settings=lab.Session().state(begin(optimizer="ape").id).context.settings), "settings must be a dict"),
    "rounds of 0": (lambda: begin(rounds=0), "rounds must be a whole number from 1"),
    "rounds of a text": (lambda: begin(rounds="two"), "rounds must be a whole number"),
    "rounds of a half": (lambda: begin(rounds=1.5), "rounds must be a whole number"),
    "rounds of true": (lambda: begin(rounds=True), "rounds must be a whole number"),
    "rounds too many": (lambda: begin(rounds=5000), "rounds must be from 1 to 100"),
    "model of a number": (lambda: begin(model=3), "model must be a model: 'practice'"),
    "model of nothing": (lambda: begin(model=None), "model must be a model"),
    "model of an empty text": (lambda: begin(model=""), "No model is named"),
    "model of a bad address": (lambda: begin(model="llama@nowhere"), "MODEL@URL"),
    "model of a dict without a name": (lambda: begin(model={"base_url": "http://localhost:1/v1"}), "model must be a model"),
    "model of a dict of another kind": (lambda: begin(model={"model": "x", "url": "y"}), "'url'"),
    "model without its key": (lambda: begin(model="gpt-9"), "OPENAI_API_KEY"),
    "optimizer_model of a number": (lambda: begin(optimizer_model=3), "optimizer_model must be a model"),
    "seed of a text": (lambda: begin(seed="x"), "seed must be a whole number"),
    "seed below 0": (lambda: begin(seed=-1), "seed must be a whole number from 0"),
    "seed of nothing": (lambda: begin(seed=None), "seed must be a whole number"),
    "ceiling of a text": (lambda: begin(ceiling="a lot"), "ceiling must be a number of calls"),
    "ceiling of a dict of another kind": (lambda: begin(ceiling={"dollars": 3}), "ceiling must be"),
    "ceiling below 0": (lambda: begin(ceiling=-3), "ceiling must be"),
    "pauses of a number": (lambda: begin(pauses=3), "pauses must be where to wait"),
    "pauses at what is not": (lambda: begin(pauses="lunch"), "ProTeGi has nothing called “lunch”. It has: scores, errors"),
    "name of a number": (lambda: begin(name=3), "name must be a name"),
    "name of nothing": (lambda: begin(name=" "), "name must be a name"),
    "book of a number": (lambda: begin(book=3), "book must be the path of a lab book"),
    "book of a folder": (lambda: begin(book="."), "lab book"),
    "book of a file of another kind": (lambda: begin(book=__file__), "Check that it is a lab book"),
    # open
    "open of a book that is not there": (lambda: lab.open("no.sqlite"), "There is no lab book at “no.sqlite”"),
    "open of a number": (lambda: lab.open(3), "book must be the path"),
    "open of a name that is none": (lambda: (run(), lab.open(name="other")), "Choose one of: “by hand”"),
    "open of a number as a name": (lambda: (run(), lab.open(name=3)), "name must be"),
    # a run
    "until a number": (lambda: run().next(until=3), "until must be what to stop at"),
    "until what is not": (lambda: run().next(until="lunch"), "It has: scores, errors, critiques, candidates"),
    "accept of nothing": (lambda: run().accept(), "No step waits"),
    "reject of nothing": (lambda: run().reject(), "No step waits"),
    "reject for a number": (lambda: run().reject(3), "why must be a reason"),
    "again of nothing": (lambda: run().again(), "No step waits"),
    "autopilot of 0": (lambda: run().autopilot(rounds=0), "rounds must be a whole number"),
    "autopilot of a text": (lambda: run().autopilot("two"), "rounds must be a whole number"),
    "fork at a number": (lambda: run().fork(node=3), "node must be the id of a node"),
    "fork with a number as name": (lambda: run().fork(name=3), "name must be"),
    "goto nowhere": (lambda: run().goto("there"), "no such place"),
    "goto a number": (lambda: run().goto(3), "node must be the id of a node, as run.history() has it, a step"),
    "chart of nothing": (lambda: run().chart(), "Nothing has been measured yet"),
    # a step
    "an item that is not": (lambda: step()[99], "there is no step[99]"),
    "an item by a text": (lambda: step()["first"], "step[…] must be the number of an item"),
    "edit of a number": (lambda: step()[0].edit(3), "text must be a text that is not empty"),
    "edit of nothing": (lambda: step()[0].edit("  "), "text must be a text that is not empty"),
    "edit for a number": (lambda: step()[0].edit("a", why=3), "why must be a text"),
    "edit of a book": (lambda: step()[0].edit("a" * 30_000), "20000 characters"),
    "drop for a number": (lambda: step()[0].drop(3), "why must be a text"),
    "add of a number": (lambda: step().add(3), "text must be a text"),
    "add like what is not": (lambda: step().add("a", like=99), "like must be a whole number from 0 to 1"),
    # tasks
    "frame of a text": (lambda: lab.Task.from_frame("x.csv"), "frame must be a DataFrame"),
    "frame with another column": (lambda: lab.Task.from_frame(FRAME, input="review"), "There is no column 'review'"),
    "frame with a number as column": (lambda: lab.Task.from_frame(FRAME, input=3), "input must be"),
    "frame with an answer of a list": (lambda: lab.Task.from_frame(FRAME, answer=["a"]), "answer must be"),
    "frame of few rows": (lambda: lab.Task.from_frame(FRAME.head(3)), "at least 8"),
    "frame without rows": (lambda: lab.Task.from_frame(FRAME.head(0)), "row"),
    "records of a text": (lambda: lab.Task.from_records("abc"), "records must be a list of dicts"),
    "records of texts": (lambda: lab.Task.from_records(["a", "b"]), "records must be a list of dicts"),
    "file of a number": (lambda: lab.Task.from_file(3), "path must be the path of a CSV"),
    "file that is not there": (lambda: lab.Task.from_file("no.csv"), "There is no file 'no.csv'"),
    "start of a number": (lambda: lab.Task.from_records(ROWS, start=3), "start must be a text"),
    "metric of a number": (lambda: lab.Task.from_records(ROWS, metric=3), "metric must be one of 'exact'"),
    "metric that is none": (lambda: lab.Task.from_records(ROWS, metric="bleu"), "metric must be one of 'exact'"),
    "metric of one argument": (lambda: lab.metric(lambda reply: 1.0), "metric must be a function of a reply and an example"),
    "metric of a text": (lambda: lab.metric("close"), "metric must be a function"),
    "load of what is not": (lambda: lab.load("sentimental"), "There is no bundled task"),
    "load of a number": (lambda: lab.load(3), "name must be the name of a bundled task"),
    # compare, optimize, connect, register
    "compare nothing": (lambda: lab.compare("sentiment", []), "prompts must be a list of prompts"),
    "compare an empty prompt": (lambda: lab.compare("sentiment", [" "]), "prompts must be a list of prompts"),
    "compare numbers": (lambda: lab.compare("sentiment", [1, 2]), "prompts must be a list of prompts"),
    "compare a number": (lambda: lab.compare("sentiment", 3), "prompts must be a list of prompts"),
    "compare by a number": (lambda: lab.compare("sentiment", ["a"], model=3), "model must be a model"),
    "compare on a number": (lambda: lab.compare(3, ["a"]), "task must be"),
    "optimize with a number": (lambda: lab.optimize("sentiment", 3), "optimizer must be"),
    "connect to a number": (lambda: lab.connect(3), "model must be the name of a model"),
    "connect at a number": (lambda: lab.connect("x", 3), "base_url must be an address"),
    "connect at a text": (lambda: lab.connect("x", "here"), "base_url must be an address such as"),
    "connect with a temperature of a text": (lambda: lab.connect("practice", temperature="hot"), "temperature must be"),
    "connect with a temperature of 9": (lambda: lab.connect("practice", temperature=9), "from 0 to 2"),
    "connect with a key of bytes": (lambda: lab.connect("practice", key=b"sk-secret"), "key must be a text, not bytes"),
    "connect with concurrency of a text": (lambda: lab.connect("practice", concurrency="8"), "concurrency must be"),
    "register a text": (lambda: lab.register("climb"), "own must be a lab.Optimizer"),
    # the layer below, as people have typed it
    "session with settings of a preset that is none": (
        lambda: lab.Session().begin(lab.load("sentiment"), settings="fast"), "It has: paper, quick, thrifty"),
    "session with models of a number": (lambda: lab.Session().begin(lab.load("sentiment"), models=3), "models must be"),
    "session of a number": (lambda: lab.Session(3), "path must be the path of a lab book"),
    "book of a number ": (lambda: lab.Book(3), "path must be"),
    "mark of a text as place": (lambda: lab.Mark("first"), "index must be a whole number"),
    "mark that keeps perhaps": (lambda: lab.Mark(0, keep="maybe"), "keep must be True or False"),
    "mark with a number as text": (lambda: lab.Mark(0, text=3), "text must be a text"),
    "verdict of another kind": (lambda: lab.Verdict("maybe"), "kind must be one of 'accept', 'edit', 'reject'"),
    "verdict with a text as marks": (lambda: lab.Verdict("edit", "all"), "marks must be a list of lab.Mark"),
    "ceiling of nothing": (lambda: lab.Ceiling(calls=None), "calls must be a number, 0 for no limit"),
    "ceiling without end": (lambda: lab.Ceiling(tokens=float("nan")), "tokens must be a number"),
    "models of a number": (lambda: lab.Models(target=3), "model must be the name of a model"),
    "models with a number as ceiling": (lambda: lab.Models(ceiling=3), "ceiling must be a lab.Ceiling"),
    "models of another role": (lambda: lab.Models().using("critic", "practice"), "role must be one of"),
    "example of a number": (lambda: lab.Example.of(3, "x"), "input must be a text"),
    "session of a frame": (lambda: lab.Session(FRAME), "path must be the path of a lab book"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "said"), CALLS.values(), ids=CALLS.keys())
def test_a_call_that_does_not_fit_is_refused_in_one_sentence(
    call: Callable[[], object], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(lab.LabError) as refused:
        call()
    sentence = str(refused.value)
    assert said in sentence
    assert "\n" not in sentence
    assert len(sentence) < 600
    assert "secret" not in sentence


def test_presets_and_models_by_name_are_taken_one_level_down_too() -> None:
    session = lab.Session()
    branch = session.begin(lab.load("sentiment"), settings="quick", models="practice-hasty")
    state = session.state(branch)
    assert state.context.settings.rounds == 2
    assert state.branch.models["target"].spec == "practice-hasty"


ROWS = [
    {
        "text": f"thing {i}",
        "label": "good" if i % 2 else "bad",
        "part": ("train", "dev", "test")[i % 3],
        "key": f"k{i}",
    }
    for i in range(60)
]


def test_a_task_of_records_and_frames_takes_its_split_its_names_and_its_labels_from_where_one_says() -> None:
    import pandas as pd

    how = {"split": "part", "id": "key", "labels": ["good", "bad"], "start": "Good or bad?", "name": "things"}
    for task in (lab.Task.from_records(ROWS, **how), lab.Task.from_frame(pd.DataFrame(ROWS), **how)):
        assert task.labels == ("good", "bad")
        assert {one.id for one in task.dev} == {row["key"] for row in ROWS if row["part"] == "dev"}
    assert lab.Task.from_records(ROWS, labels=[]).labels == ()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"split": 3}, "split must be the name of a column, not int 3"),
        ({"id": "nope"}, "There is no column 'nope'"),
        ({"labels": "good"}, "labels must be a list of texts"),
        ({"labels": ["good"]}, "In the argument 'records' every answer"),
    ],
)
def test_what_is_wrong_with_the_split_the_names_or_the_labels_is_said(how: dict[str, object], said: str) -> None:
    with pytest.raises(lab.LabError, match=said):
        lab.Task.from_records(ROWS, **how)  # type: ignore[arg-type]


def test_what_is_no_file_is_not_called_one() -> None:
    import pandas as pd

    frame = pd.DataFrame(ROWS)
    for wrong, said in (
        (frame[["text"]], "The argument 'frame' has only one column"),
        (frame.head(2), "The argument 'frame' has 2 usable rows"),
        (frame.head(0), "The argument 'frame' holds no rows"),
        (
            frame.set_axis(["text", "text", "label", "key"], axis=1),
            "The argument 'frame' has two columns named 'text'",
        ),
    ):
        with pytest.raises(lab.DataError, match=said) as caught:
            lab.Task.from_frame(wrong)
        assert "file" not in str(caught.value).casefold()
        assert "JSON" not in str(caught.value)


def test_a_verdict_takes_a_list_of_marks_and_an_example_no_half_characters() -> None:
    assert lab.Verdict("edit", [lab.Mark(0)]) == lab.Verdict("edit", (lab.Mark(0),))  # type: ignore[arg-type]
    assert lab.Example.of("a\ud800", "b") == lab.Example.of("a\ufffd", "b")


def test_what_no_collection_of_the_lab_can_hold_is_not_in_it() -> None:
    assert lab.Models().get(FRAME, "none") == "none"  # type: ignore[call-overload]
    assert FRAME not in lab.Models()
    found = step()
    assert (FRAME in found, found.count(FRAME), found.count(found[0]), found.index(found[1])) == (False, 0, 1, 1)
