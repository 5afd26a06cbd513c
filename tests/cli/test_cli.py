"""The command line as scripts use it: real processes, JSON out, one sentence and a status for errors."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import uvicorn
from support.paths import DATA, SUPPORT

from lab import Session
from lab.cli import run as run_command
from lab.cli.main import COMMANDS, main
from lab.tasks.bundled import load

SMALL = ["--rounds", "1", "--set", "minibatch=12", "--set", "groups=2", "--set", "selection_rows=6"]


def lab(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab", *arguments], capture_output=True, text=True, env={**os.environ, **more}
    )


def run(*arguments: str, **more: str) -> dict[str, object]:
    ran = lab("run", *arguments, *SMALL, "--json", **more)
    assert ran.returncode == 0, ran.stderr
    outcome = json.loads(ran.stdout)
    assert isinstance(outcome, dict)
    return outcome


def test_run_prints_one_object_with_all_that_is_promised() -> None:
    outcome = run("--task", "sentiment", "--optimizer", "protegi", "--model", "practice", "--seed", "0")
    assert {
        "best_prompt",
        "best_dev_score",
        "baseline_dev_score",
        "rounds",
        "calls",
        "cached",
        "tokens",
        "node",
    } <= set(outcome)
    assert outcome["rounds"] == 1
    calls = outcome["calls"]
    assert isinstance(calls, dict)
    assert calls["optimizer"] > 0
    assert calls["target"] > 0


@pytest.mark.long
def test_the_same_seed_gives_the_same_node_in_processes_with_other_hash_seeds() -> None:
    nodes = {run("--task", "triage", "--seed", "3", PYTHONHASHSEED=seed)["node"] for seed in ("1", "2")}
    assert len(nodes) == 1


@pytest.mark.long
def test_a_second_run_in_the_same_book_pays_for_nothing(tmp_path: Path) -> None:
    book = str(tmp_path / "b.sqlite")
    first = run("--task", "sentiment", "--book", book)
    second = run("--task", "sentiment", "--book", book)
    assert second["node"] == first["node"]
    assert second["calls"] == {"optimizer": 0, "target": 0}
    assert lab("verify", book).stdout.endswith(" 0 wrong\n")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with a branch “main” that has measured its start prompt."""
    session = Session(tmp_path / "b.sqlite")
    asyncio.run(session.advance(session.begin(load("sentiment"))))
    session.book.close()
    return tmp_path / "b.sqlite"


def test_an_estimate_goes_by_the_replies_that_a_book_knows_and_makes_no_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, ask = tmp_path / "b.sqlite", ["run", "--task", "triage", *SMALL, "--json"]
    told = []
    for more in (["--estimate"], [], ["--estimate"]):
        assert main([*ask, "--book", str(book), *more]) == 0
        told.append(json.loads(capsys.readouterr().out))
        assert book.exists() == (len(told) > 1)
    before, _, after = told
    assert (after["optimizer_calls"], after["target_calls"]) == (before["optimizer_calls"], before["target_calls"])
    assert after["n_output_tokens"] != before["n_output_tokens"]


def test_transfer_says_who_keeps_its_score_on_another_model_and_pays_once(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["transfer", "--book", str(book), "--branch", "main", "--to", "practice-literal"]
    first = json.loads(lab(*ask, "--json").stdout)
    assert main([*ask, "--json"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert (first["calls"], second["calls"], second["cached"]) == (50, 0, 50)
    assert first["prompts"] == second["prompts"]
    home, there = first["prompts"][0]["scores"]
    assert (home["model"], home["fate"], there["model"]) == ("practice", "home", "practice-literal")
    low, high = there["interval"]
    assert 0 <= low <= there["score"] <= high <= 1
    assert there["change"] == there["score"] - home["score"]
    assert main(ask) == 0
    assert f"   practice-literal · simulated model  {100 * there['score']:.0f} % (" in capsys.readouterr().out


def test_transfer_finds_the_branch_of_a_page_by_its_id_and_by_a_name_that_is_not_taken_here(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Session(book, owner="someone in a browser")
    ids = {name: page.begin(load("triage"), name=name) for name in ("main", "theirs")}
    page.book.close()
    tasks = []
    for named in (ids["main"], "theirs", "main"):
        assert main(["transfer", "--book", str(book), "--branch", named, "--to", "practice-literal", "--json"]) == 0
        tasks.append(json.loads(capsys.readouterr().out)["task"])
    assert tasks == ["triage", "triage", "sentiment"]


@pytest.mark.parametrize(
    ("branch", "model", "told"),
    [
        ("none", "practice-hasty", "no branch “none”"),
        ("main", "practice", "already"),
        ("main", "model@nowhere", "MODEL@URL"),
    ],
)
def test_transfer_refuses_in_a_sentence(
    book: Path, capsys: pytest.CaptureFixture[str], branch: str, model: str, told: str
) -> None:
    assert main(["transfer", "--book", str(book), "--branch", branch, "--to", model]) == 1
    said = capsys.readouterr()
    assert told in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_transfer_makes_no_book_where_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.sqlite"
    assert main(["transfer", "--book", str(path), "--branch", "main", "--to", "practice-hasty"]) == 1
    assert "no lab book" in capsys.readouterr().err
    assert not path.exists()


def test_blame_and_diff_say_where_a_prompt_comes_from_and_what_it_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = ["--book", str(tmp_path / "b.sqlite")]
    assert main(["run", "--task", "sentiment", *SMALL, *kept]) == 0
    capsys.readouterr()
    asked = [*kept, "--branch", "main"]
    assert main(["blame", *asked, "--prompt", "P1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "".join(one["text"] for one in found["stretches"]) == found["prompt"]
    assert "model" in {one["by"] for one in found["stretches"]}
    assert main(["blame", *asked, "--prompt", "P1"]) == 0
    assert "model, S" in capsys.readouterr().out
    assert main(["blame", *asked, "--prompt", "P0"]) == 0
    assert capsys.readouterr().out.startswith("P0   start prompt | ")
    assert main(["diff", *asked, "P0", "P1", "--json"]) == 0
    changed = json.loads(capsys.readouterr().out)
    assert (changed["before"], changed["after"]) == (load("sentiment").start, found["prompt"])
    assert main(["diff", *asked, "P0", "nothing"]) == 1
    assert "has no “nothing”" in capsys.readouterr().err


def test_a_run_stops_before_it_breaks_a_ceiling_and_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["run", "--task", "sentiment", *SMALL, "--book", str(tmp_path / "lab.sqlite"), "--json"]
    assert main([*asked, "--max-calls", "50"]) == 1
    assert "The limit of 50 calls is reached: 50 were made." in capsys.readouterr().err
    assert main(asked) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert sum(outcome["cached"].values()) >= 50


@pytest.mark.parametrize(
    ("flag", "former", "kept"),
    [("--concurrency", "--at-once", 64), ("--max-calls", "--most-calls", 0), ("--max-tokens", "--most-tokens", 0)],
)
def test_limits_have_standard_names_and_the_former_ones_still_work(flag: str, former: str, kept: int) -> None:
    parser = argparse.ArgumentParser()
    run_command.add(parser)
    name = flag[2:].replace("-", "_")
    for given, value in (([], kept), ([flag, "8"], 8), ([former, "8"], 8)):
        assert getattr(parser.parse_args(["--task", "triage", *given]), name) == value
    assert flag in parser.format_help()
    assert former not in parser.format_help()


def test_help_names_every_command_and_imports_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = capsys.readouterr().out
    assert all(name in listed for name in COMMANDS)
    program = (
        "import sys; from lab.cli.main import main\ntry: main(['-h'])\nfinally: print('lab.session' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.endswith(
        "False\n"
    )


def test_check_says_what_an_endpoint_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "practice", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["model"], found["checked"]) == ("practice", True)
    assert (found["likelihood"], found["infill"]) == ("echo", True)
    assert main(["check", "practice"]) == 0
    assert "log-likelihood" in capsys.readouterr().out
    assert main(["check", "m@http://127.0.0.1:9/v1"]) == 1
    assert "Nothing answers at http://127.0.0.1:9/v1" in capsys.readouterr().err


def test_models_lists_what_answers_at_the_usual_ports(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lab.practice.protocol.app import app

    server = uvicorn.Server(uvicorn.Config(app(), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setattr("lab.models.discovery.find.__defaults__", ((port,),))
    try:
        assert main(["models"]) == 0
    finally:
        server.should_exit = True
        thread.join(5)
    assert f"practice@http://127.0.0.1:{port}/v1" in capsys.readouterr().out


def test_a_prompt_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    file.write_text("Ist das gut – ja? {input}\n", encoding="utf-8")
    assert run("--task", "sentiment", "--prompt", f"@{file}")["start_prompt"] == "Ist das gut – ja? {input}"


def test_a_file_of_ones_own_is_a_task(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    rows = [f"I {'love' if i % 2 else 'hate'} thing {i},{'positive' if i % 2 else 'negative'}" for i in range(40)]
    file.write_text("review,label\n" + "\n".join(rows), encoding="utf-8")
    assert run("--task", str(file))["n_dev"] == 10


@pytest.mark.skipif(not DATA.is_dir(), reason="the benchmark files are not here")
def test_instruction_induction_sentiment_runs() -> None:
    file = DATA / "instruction_induction" / "execute" / "sentiment.json"
    outcome = run("--task", str(file), "--prompt", "Is this positive or negative?")
    assert isinstance(outcome["baseline_dev_score"], float)


def test_tasks_lists_the_bundled_ones_as_json() -> None:
    listed = json.loads(lab("tasks", "--json").stdout)
    assert {"sentiment", "triage"} <= {task["name"] for task in listed}
    assert all(sum(task["n_examples"].values()) >= 150 for task in listed)


def test_an_estimate_makes_no_call_and_says_what_a_run_would_take() -> None:
    ran = lab("run", "--task", "triage", "--optimizer", "opro", "--preset", "quick", "--estimate", "--json")
    told = json.loads(ran.stdout)
    assert (told["rounds"], told["optimizer_calls"], told["target_calls"]) == (5, 20, 24 + 20 * 24)
    plain = lab("run", "--task", "triage", "--estimate").stdout
    assert "6 rounds take at most" in plain


def test_an_optimizer_of_ones_own_runs_from_its_file() -> None:
    own = SUPPORT / "own_optimizer.py"
    ran = lab("run", "--task", "triage", "--optimizer", str(own), "--rounds", "1", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["optimizer"] == "climb"


def test_a_file_of_a_kind_that_the_practice_model_does_not_know_is_said_beforehand(tmp_path: Path) -> None:
    rows = "\n".join(f"Le fleuve traverse la ville {i},Der Fluss {i}" for i in range(20))
    (tmp_path / "own.csv").write_text(f"input,output\n{rows}\n", encoding="utf-8")
    ran = lab(
        "run", "--task", str(tmp_path / "own.csv"), "--prompt", "Translate into German, please.", "--estimate"
    )
    assert "only has rules for the kinds of task that are bundled" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "--task", "nothing"], "neither a bundled task"),
        (["run", "--task", "sentiment", "--optimizer", "adam"], "There is no optimizer “adam”"),
        (["run", "--task", "sentiment", "--set", "beam=0"], "beam must be from 1 to 32"),
        (["run", "--task", "sentiment", "--optimizer", "nowhere.py"], "no Python file"),
        (["run", "--task", "sentiment", "--preset", "lavish"], "no preset “lavish”"),
        (["bench", "practice", "--only", "weather"], "The benchmark measures"),
        (["run", "--task", "sentiment", "--set", "beam"], "NAME=VALUE"),
        (["run", "--task", "sentiment", "--rounds", "0"], "rounds must be from 1"),
        (["run", "--task", "sentiment", "--prompt", "@nowhere.txt"], "There is no prompt file “nowhere.txt”"),
        (["run", "--task", "sentiment", "--model", "some-model"], "OPENAI_API_KEY"),
        (["verify", "nowhere.sqlite"], "no lab book"),
    ],
)
def test_an_error_is_one_sentence_on_standard_error(arguments: list[str], sentence: str) -> None:
    ran = lab(*arguments)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith("lab: ")
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr


def bad_files() -> dict[str, bytes]:
    rows = "\n".join(f"text {i},yes" for i in range(20))
    return {
        "binary.csv": bytes(range(256)) * 40,
        "empty.csv": b"",
        "one_column.csv": b"text\n" + b"\n".join(b"row %d" % i for i in range(20)),
        "encoding.csv": b"text,label\n" + b"caf\xe9 \xff\xfe\x81,yes\n" * 20,
        "twice.csv": ("text,text,label\n" + rows).encode(),
        "no_label.csv": ("text,label\n" + "\n".join(f"text {i}," for i in range(20))).encode(),
    }


@pytest.mark.parametrize("name", list(bad_files()))
def test_a_wrong_file_gives_one_clear_sentence_and_changes_nothing(tmp_path: Path, name: str) -> None:
    file, book = tmp_path / name, tmp_path / "b.sqlite"
    file.write_bytes(bad_files()[name])
    ran = lab("run", "--task", str(file), "--book", str(book), "--json")
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert name in ran.stderr
    assert not book.exists()


def test_a_file_of_200_megabytes_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "huge.csv"
    with file.open("wb") as sparse:
        sparse.truncate(200_000_000)
    begun = time.monotonic()
    ran = lab("run", "--task", str(file))
    assert ran.returncode == 1
    assert "MB" in ran.stderr
    assert time.monotonic() - begun < 20, "it was not read"


def test_importing_the_lab_loads_nothing_heavy() -> None:
    program = (
        "import sys, lab; print(sorted({'openai', 'pandas', 'gradio', 'altair', 'sqlalchemy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_reader_that_has_heard_enough_ends_a_command_without_a_traceback() -> None:
    command = [sys.executable, "-m", "lab", "tasks"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.close()
        assert ran.stderr.read() == b""
    assert ran.returncode == 141
