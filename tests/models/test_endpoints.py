"""Endpoints: how a model is named, and which are simulated, local or in need of a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from lab.errors import MisuseError
from lab.models.client import Client
from lab.models.endpoint import OPENAI_URL, PRACTICE_URL, Endpoint


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def test_practice_is_built_in_simulated_and_says_so() -> None:
    endpoint = Endpoint.of("practice")
    assert endpoint == Endpoint("practice", PRACTICE_URL)
    assert (endpoint.in_process, endpoint.is_simulated, endpoint.spec) == (True, True, "practice")
    assert "simulated" in endpoint.name


def test_the_practice_model_behind_its_server_is_simulated_too() -> None:
    endpoint = Endpoint.of("practice@http://localhost:8000/v1")
    assert (endpoint.in_process, endpoint.is_simulated) == (False, True)
    assert "simulated" in endpoint.name


def test_a_model_alone_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Endpoint.of("m").base_url == OPENAI_URL
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1234/v1/")
    assert Endpoint.of("m") == Endpoint("m", "http://localhost:1234/v1")


def test_a_spec_names_the_same_endpoint_when_the_environment_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = Endpoint.of("m")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1234/v1")
    assert Endpoint.of(endpoint.spec) == endpoint


@given(
    st.from_regex(r"\A[a-z][a-z0-9/:.-]{0,12}(@[a-z0-9]{1,8})?\Z"),
    st.sampled_from(["http://localhost:1/v1", "https://a.example", "http://[::1]:8000/v1"]),
)
def test_a_spec_with_an_address_reads_back(model: str, url: str) -> None:
    endpoint = Endpoint.of(f"{model}@{url}")
    assert (endpoint.model, endpoint.base_url) == (model, url)
    assert Endpoint.of(endpoint.spec) == endpoint


@pytest.mark.parametrize("model", ["a\r\nb", "a\x00b", "a\u202eb", "a\ud83d", "a\x1b[2J"])
def test_a_name_that_cannot_be_shown_is_refused_without_showing_it(model: str) -> None:
    for spec in (model, f"{model}@http://localhost:1/v1"):
        with pytest.raises(MisuseError, match="cannot be shown") as caught:
            Endpoint.of(spec)
        assert str(caught.value).isprintable()


def test_spellings_of_one_address_are_one_endpoint() -> None:
    assert Endpoint.of("m@HTTP://LocalHost:80/v1/") == Endpoint.of(" m@http://localhost:80/v1 ")


@pytest.mark.parametrize(
    "spec",
    ["", "  ", "m@ftp://localhost", "m@http://", "m@http://a:b", "m@localhost:8000/v1", "m@http://a b/v1"],
)
def test_a_spec_that_names_nothing_is_refused(spec: str) -> None:
    with pytest.raises(MisuseError):
        Endpoint.of(spec)


@pytest.mark.parametrize(
    "spec",
    [
        "m@https://me:hush-hush@a.example/v1",
        "m@https://a.example/v1?key=hush-hush",
        "m@hush-hush@a.example:80",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(spec: str) -> None:
    with pytest.raises(MisuseError) as caught:
        Endpoint.of(spec)
    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost:1/v1", "http://127.0.0.2/v1", "http://[::1]/v1", PRACTICE_URL])
def test_a_local_server_needs_no_key(url: str) -> None:
    assert Endpoint("m", url).is_local
    assert Client(Endpoint("m", url)).endpoint.base_url == url


@pytest.mark.parametrize("url", [OPENAI_URL, "http://192.168.1.5:8000/v1", "https://localhost.example/v1"])
def test_the_servers_own_key_missing_is_misuse_in_one_sentence(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(MisuseError, match="set OPENAI_API_KEY"):
        Client(Endpoint("m", url))


def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hush\u2019")
    with pytest.raises(MisuseError) as caught:
        Client(Endpoint("m", OPENAI_URL))
    assert "sk-hush" not in str(caught.value)


@pytest.mark.parametrize("spec", ["x@", "@http://a", "hush-hush@b", "x@ http://a"])
def test_an_at_sign_that_is_not_model_at_url_is_refused_in_a_sentence(spec: str) -> None:
    with pytest.raises(MisuseError, match="Write, for example, llama") as caught:
        Endpoint.of(spec)
    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize("spec", ["http://127.0.0.1:8101/v1", "https://x.test", "localhost:8000", "a.test:8000/v1"])
def test_an_address_without_a_model_is_not_taken_for_a_models_name(spec: str) -> None:
    with pytest.raises(MisuseError, match="address without a model"):
        Endpoint.of(spec)


@pytest.mark.parametrize("spec", ["llama3.2:3b", "gemma:2", "org/model-7b", "ft:gpt:org::id"])
def test_a_name_with_a_colon_or_a_slash_is_a_models_name(spec: str) -> None:
    assert Endpoint.of(spec).model == spec


AZURE = "https://here.openai.azure.com/openai/deployments/mine"


def test_the_classic_address_of_azure_keeps_its_version_and_may_be_pasted_whole() -> None:
    pasted = Endpoint.of(f"mine@{AZURE}/chat/completions?api-version=2024-06-01")
    assert pasted == Endpoint("mine", f"{AZURE}?api-version=2024-06-01")
    assert Endpoint.of(pasted.spec) == pasted
    assert pasted.address.of("/models") == f"{AZURE}/models?api-version=2024-06-01"
    assert pasted.address.is_azure
    assert not Endpoint.of("m@http://localhost:1/v1/chat/completions/").address.is_azure
    assert Endpoint.of("m@http://localhost:1/v1/chat/completions/").base_url == "http://localhost:1/v1"


@pytest.mark.parametrize("query", ["key=sk-1", "api-version=1&key=sk-1", "api-version=", "api-version=a%20b"])
def test_an_address_with_any_other_query_is_refused_without_showing_it(query: str) -> None:
    with pytest.raises(MisuseError, match="would be stored") as caught:
        Endpoint.of(f"m@{AZURE}?{query}")
    assert "sk-1" not in str(caught.value)


async def test_azure_is_sent_its_version_and_the_key_in_its_own_header() -> None:
    heard = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        heard.append((scope["path"], scope["query_string"].decode(), headers))
        said = {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
        await JSONResponse(said)(scope, receive, send)

    client = Client(Endpoint.of(f"mine@{AZURE}?api-version=2024-06-01"), key="azure-key-1", app=app)
    answer = await client.answer({"model": "mine", "messages": [{"role": "user", "content": "4"}]})
    ((path, query, headers),) = heard
    assert (answer.text, path) == ("yes", "/openai/deployments/mine/chat/completions")
    assert (query, headers["api-key"], headers.get("authorization")) == (
        "api-version=2024-06-01",
        "azure-key-1",
        None,
    )
