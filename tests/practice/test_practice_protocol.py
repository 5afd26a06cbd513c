"""The practice model's protocol: the real OpenAI client in process, and any body whatever."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from statistics import mean
from typing import Any, TypeVar

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import ModelError
from lab.practice import MODELS, respond
from lab.practice.protocol import completions
from lab.practice.protocol.app import LONGEST_BODY, app
from lab.practice.protocol.chat import complete
from lab.practice.protocol.checks import Wanted
from lab.practice.protocol.choices import choices
from lab.practice.protocol.likelihood import END, answer_start, score, weighted_replies
from lab.practice.protocol.tokens import tokens
from lab.practice.target import Draw
from lab.tasks.bundled import expert_prompt, load

T = TypeVar("T")
START = "Is this review positive or negative?"
TEXT = "A dull film with a wooden cast."
MESSAGES = [{"role": "system", "content": START}, {"role": "user", "content": TEXT}]
CHAT: dict[str, Any] = {"model": "practice", "messages": MESSAGES}
PROMPT = f"{START}\n\nReview: {TEXT}\nAnswer:"


def talk(use: Callable[[openai.AsyncOpenAI], Awaitable[T]]) -> T:
    async def run() -> T:
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app()))
        async with openai.AsyncOpenAI(
            base_url="http://practice.local/v1", api_key="none", http_client=http, max_retries=0
        ) as client:
            return await use(client)

    return asyncio.run(run())


def chat(**fields: Any) -> Any:
    return talk(lambda client: client.chat.completions.create(**{**CHAT, **fields}))


def legacy(**fields: Any) -> Any:
    return talk(lambda client: client.completions.create(**{"model": "practice", "prompt": PROMPT, **fields}))


def pieces(create: Callable[[openai.AsyncOpenAI], Awaitable[Any]]) -> list[Any]:
    async def use(client: openai.AsyncOpenAI) -> list[Any]:
        return [piece async for piece in await create(client)]

    return talk(use)


def chat_pieces(**fields: Any) -> list[Any]:
    return pieces(lambda client: client.chat.completions.create(**{**CHAT, **fields}, stream=True))


def legacy_pieces(**fields: Any) -> list[Any]:
    asked = {"model": "practice", "prompt": PROMPT, **fields}
    return pieces(lambda client: client.completions.create(**asked, stream=True))


def send(method: str, path: str, content: bytes = b"") -> httpx2.Response:
    async def run() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app())) as http:
            return await http.request(method, f"http://practice.local{path}", content=content)

    return asyncio.run(run())


# Tokens


@given(st.text())
def test_joined_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_a_space_belongs_to_the_token_after_it_and_a_long_word_is_several() -> None:
    assert tokens("Not bad, surprisingly. ") == ["Not", " bad", ",", " surpri", "singly", ".", " "]


@given(st.text(), st.integers(0, 50))
def test_the_tokens_of_a_beginning_are_a_beginning_of_the_tokens(text: str, n: int) -> None:
    cut, whole = tokens(text[:n]), tokens(text)
    assert cut[:-1] == whole[: max(0, len(cut) - 1)]
    assert not cut or whole[len(cut) - 1].startswith(cut[-1])


# Chat


def test_the_client_gets_the_engines_answer_and_a_true_count() -> None:
    said = chat(temperature=0, n=2)
    assert said.choices[0].message.content == respond("practice", MESSAGES, Draw())
    assert said.choices[0].message.content == said.choices[1].message.content
    assert [choice.index for choice in said.choices] == [0, 1]
    assert said.choices[0].finish_reason == "stop"
    assert said.choices[0].logprobs is None
    assert said.usage.completion_tokens == 2 * len(tokens(said.choices[0].message.content))
    assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens


def test_a_conversation_reaches_the_model_whole() -> None:
    turns = [*MESSAGES, {"role": "assistant", "content": "negative"}, {"role": "user", "content": "A lovely film."}]
    assert chat(messages=turns, temperature=0).choices[0].message.content == respond("practice", turns, Draw())


def test_every_model_answers_in_its_own_name() -> None:
    for model in MODELS:
        said = chat(model=model, temperature=0)
        assert said.model == model
        assert said.choices[0].message.content == respond(model, MESSAGES, Draw())


def test_each_choice_is_a_draw_of_its_own_and_repeats() -> None:
    body = {**CHAT, "temperature": 1, "n": 12, "seed": 1}
    drawn = [choice["message"]["content"] for choice in complete(body)["choices"]]
    assert drawn == [respond("practice", MESSAGES, Draw(1.0, 1, sample)) for sample in range(12)]
    assert len(set(drawn)) > 1
    assert complete(body) == complete(body)
    assert complete({**body, "seed": 2})["id"] != complete(body)["id"]
    assert complete(body)["created"] == 0


def test_limits_and_stops_cut_a_reply() -> None:
    whole = respond("practice", MESSAGES, Draw())
    for name in ("max_tokens", "max_completion_tokens"):
        said = chat(temperature=0, **{name: 1})
        assert said.choices[0].message.content == tokens(whole)[0]
        assert said.choices[0].finish_reason == "length"
        assert said.usage.completion_tokens == 1
    said = chat(temperature=0, stop=["never said", whole[2:4]])
    assert said.choices[0].message.content == whole[:2]
    assert said.choices[0].finish_reason == "stop"


def test_parts_of_text_are_read_and_unknown_fields_are_ignored() -> None:
    parts = [{"type": "text", "text": TEXT}]
    said = chat(messages=[MESSAGES[0], {"role": "user", "content": parts}], temperature=0, user="me", tools=[])
    assert said.choices[0].message.content == respond("practice", MESSAGES, Draw())
    assert chat(response_format={"type": "text"}, extra_body={"mood": ["any"]}).choices


def test_a_stream_says_the_same_as_a_whole_reply() -> None:
    whole = chat(temperature=1, seed=5, n=2, logprobs=True, top_logprobs=2)
    streamed = chat_pieces(temperature=1, seed=5, n=2, logprobs=True, top_logprobs=2)
    assert {piece.id for piece in streamed} != {""}
    for choice in whole.choices:
        mine = [piece.choices[0] for piece in streamed if piece.choices[0].index == choice.index]
        assert "".join(piece.delta.content or "" for piece in mine) == choice.message.content
        assert mine[0].delta.role == "assistant"
        assert [piece.finish_reason for piece in mine] == [None] * (len(mine) - 1) + ["stop"]
        assert [
            row for piece in mine if piece.logprobs for row in piece.logprobs.content
        ] == choice.logprobs.content
    assert all(piece.usage is None for piece in streamed)


def test_a_stream_ends_with_its_count_where_that_is_asked_for() -> None:
    *streamed, last = chat_pieces(temperature=0, stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage == chat(temperature=0).usage
    assert all(piece.usage is None and piece.choices for piece in streamed)
    assert (
        legacy_pieces(temperature=0, stream_options={"include_usage": True})[-1].usage
        == legacy(temperature=0).usage
    )


# Completions


def test_a_completion_goes_on_where_the_prompt_ends() -> None:
    said = legacy(temperature=0, n=2)
    expected = " " + respond("practice", [{"role": "user", "content": PROMPT}], Draw())
    assert [choice.text for choice in said.choices] == ["".join(tokens(expected)[:16])] * 2
    assert said.object == "text_completion"
    assert legacy(temperature=0, prompt=PROMPT + "\n").choices[0].text == expected.lstrip()


def test_several_prompts_are_answered_in_their_order() -> None:
    other = PROMPT.replace(TEXT, "I love this wonderful film.")
    said = legacy(prompt=[PROMPT, other], temperature=0, n=2)
    one, two = legacy(temperature=0).choices[0].text, legacy(prompt=other, temperature=0).choices[0].text
    assert [choice.text for choice in said.choices] == [one, one, two, two]
    assert [choice.index for choice in said.choices] == [0, 1, 2, 3]


def test_a_gap_between_two_texts_is_filled() -> None:
    before = "I gave a friend an instruction about reviews. The instruction was: "
    after = f"\n\nInput: {TEXT}\nOutput: negative\n\nInput: A lovely film.\nOutput: positive"
    said = {legacy(prompt=before, suffix=after, max_tokens=99, seed=seed).choices[0].text for seed in range(8)}
    assert len(said) > 1
    assert not any(text.startswith(" ") for text in said)


def test_the_echo_holds_prompt_and_reply() -> None:
    said, bare = legacy(temperature=0, echo=True), legacy(temperature=0)
    assert said.choices[0].text == PROMPT + bare.choices[0].text
    assert said.usage == bare.usage
    nothing = legacy(echo=True, max_tokens=0).choices[0]
    assert (nothing.text, nothing.finish_reason, nothing.logprobs) == (PROMPT, "length", None)


def test_a_streamed_completion_says_the_same_as_a_whole_one() -> None:
    asked = {"temperature": 1, "seed": 2, "echo": True, "logprobs": 1, "n": 2}
    whole, streamed = legacy(**asked), legacy_pieces(**asked)
    for choice in whole.choices:
        mine = [piece.choices[0] for piece in streamed if piece.choices[0].index == choice.index]
        assert "".join(piece.text for piece in mine) == choice.text
        assert mine[-1].finish_reason == choice.finish_reason
        assert [at for piece in mine if piece.logprobs for at in piece.logprobs.text_offset] == (
            choice.logprobs.text_offset
        )


# Log-probabilities


def prompts() -> list[str]:
    task = load("sentiment")
    return [
        f"{prompt}\n\nReview: {example.input}\n{marker}"
        for prompt in (task.start, expert_prompt("sentiment"), START)
        for example, marker in zip(
            task.dev[:6], ("Answer:", "Output:", "A:", "**Answer:**", "Output: ", "A:\n"), strict=True
        )
    ]


@pytest.mark.parametrize("model", MODELS)
def test_a_given_answer_scores_as_it_was_generated_by_both_endpoints(model: str) -> None:
    for prompt in prompts():
        drawn = legacy(model=model, prompt=prompt, temperature=0, logprobs=5, max_tokens=200).choices[0]
        chatted = chat(
            model=model,
            messages=[{"role": "user", "content": prompt}],
            temperature=0,
            logprobs=True,
            top_logprobs=5,
        ).choices[0]
        space = "" if prompt[-1].isspace() else " "
        for text, generated in (
            (drawn.text, drawn.logprobs.token_logprobs),
            (space + chatted.message.content, [row.logprob for row in chatted.logprobs.content]),
        ):
            judged = (
                legacy(model=model, prompt=prompt + text, echo=True, logprobs=5, max_tokens=0).choices[0].logprobs
            )
            assert judged.token_logprobs[-len(generated) :] == generated
            assert "".join(judged.tokens) == prompt + text


def test_rows_name_each_token_where_it_stands_and_the_likely_ones_beside_it() -> None:
    choice = legacy(prompt=f"{PROMPT} negative", echo=True, logprobs=3, temperature=0).choices[0]
    rows = choice.logprobs
    assert len({len(rows.tokens), len(rows.token_logprobs), len(rows.top_logprobs), len(rows.text_offset)}) == 1
    assert all(choice.text[at:].startswith(token) for at, token in zip(rows.text_offset, rows.tokens, strict=True))
    assert rows.token_logprobs[0] is None
    assert all(logprob < 0 for logprob in rows.token_logprobs[1:])
    for token, logprob, top in zip(rows.tokens[1:], rows.token_logprobs[1:], rows.top_logprobs[1:], strict=True):
        assert top[token] == logprob
        assert len(top) <= 4
    alone = legacy(logprobs=0, temperature=0).choices[0].logprobs
    assert alone.text_offset[0] == len(PROMPT)
    assert all(len(top) == 1 for top in alone.top_logprobs)


def test_the_likely_tokens_are_in_order_and_are_what_the_model_says() -> None:
    content = chat(temperature=0, logprobs=True, top_logprobs=20).choices[0].logprobs.content
    for row in content:
        given = [other.logprob for other in row.top_logprobs]
        assert given == sorted(given, reverse=True)
        assert sum(map(math.exp, given)) <= 1.0001
        assert bytes(row.bytes).decode() == row.token
    assert content[0].token == content[0].top_logprobs[0].token
    assert all(row.top_logprobs == [] for row in chat(temperature=0, logprobs=True).choices[0].logprobs.content)


@given(st.lists(st.sampled_from(["yes", "Yes.", "yes, of course", "no"]), min_size=9, max_size=9))
def test_the_probabilities_of_what_may_come_next_sum_to_one_less_what_is_never_said(replies: list[str]) -> None:
    said = weighted_replies(lambda draw: replies[8 if draw.temperature == 0 else draw.sample])
    assert sum(weight for _, weight in said) == pytest.approx(1)
    for row in score(replies[0], said, 50):
        assert sum(math.exp(logprob) for _, logprob in row.top) == pytest.approx(0.98, abs=0.001)
    assert any(END in dict(row.top) for row in score(f"{replies[0]} and more", said, 50))


def test_what_the_model_says_is_likelier_than_its_plain_form_and_that_than_anything_else() -> None:
    said = weighted_replies(lambda draw: "Negative.")
    first = [score(text, said, 0)[0].logprob or 0.0 for text in ("Negative.", "negative", "positive")]
    assert first == sorted(first, reverse=True)
    assert len(set(first)) == 3


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Q: 1\nA: yes\n\nQ: 2\nA: no", " no"),
        ("Q: 1\nA: yes\n\nQ: 2\nA:", ""),
        ("Q: 1\nA: yes\n\nQ: 2\nA: \n", ""),
        ("Input: x\n**Output:** y z", " y z"),
        ("No marker at all", ""),
        ("Plan A: go", ""),
        ("", ""),
    ],
)
def test_the_answer_in_a_prompt_is_what_follows_its_last_marker(prompt: str, answer: str) -> None:
    assert prompt[answer_start(prompt) :] == answer


@pytest.mark.parametrize("model", MODELS)
def test_right_answers_are_likelier_under_a_better_prompt(model: str) -> None:
    task = load("sentiment")

    def likelihood(prompt: str) -> float:
        asked = [f"{prompt}\n\nReview: {e.input}\nOutput: {e.answer}".lstrip() for e in task.dev[:20]]
        body = {"model": model, "prompt": asked, "echo": True, "logprobs": 0, "max_tokens": 0}
        rows = [choice["logprobs"] for choice in completions.complete(body)["choices"]]
        return mean(sum(r["token_logprobs"][r["tokens"].index("\nOutput") + 2 :]) for r in rows)

    who = "chatty" if model == "practice" else model.removeprefix("practice-")
    assert likelihood(expert_prompt("sentiment", who)) > likelihood(task.start) > likelihood("")


def test_a_plain_call_asks_the_model_once() -> None:
    asked = list[Draw]()

    def say(draw: Draw) -> str:
        asked.append(draw)
        return "yes"

    want = Wanted("practice", 3, 0.0, 0, (), None, None, False, False)
    choices(want, say)
    assert asked == [Draw()]


# Models, errors, and any body whatever


def test_the_models_are_listed_and_found() -> None:
    async def use(client: openai.AsyncOpenAI) -> None:
        assert [model.id async for model in client.models.list()] == list(MODELS)
        assert (await client.models.retrieve("practice-hasty")).id == "practice-hasty"
        with pytest.raises(openai.NotFoundError, match="practice"):
            await client.models.retrieve("gpt")

    talk(use)
    assert send("GET", "/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 0}, "n"),
        ({"n": 129}, "n"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"seed": 1.5}, "seed"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": "a" * 60_001}]}, "messages"),
        ({"messages": [{"role": "cat", "content": ""}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content"),
        ({"stop": 5}, "stop"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"logprobs": 1}, "logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
    ],
)
def test_a_chat_that_cannot_be_served_is_refused_in_one_sentence_with_a_way_out(
    change: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        chat(**change)
    assert raised.value.param == param
    assert raised.value.type == "invalid_request_error"
    assert any(f"{word} " in raised.value.message for word in ("Send", "Give", "Use"))


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"prompt": [1, 2]}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": "a" * 60_001}, "prompt"),
        ({"prompt": [PROMPT] * 65, "n": 2}, "n"),
        ({"logprobs": 6}, "logprobs"),
        ({"logprobs": True}, "logprobs"),
        ({"suffix": 1}, "suffix"),
        ({"echo": "yes"}, "echo"),
        ({"max_tokens": -1}, "max_tokens"),
    ],
)
def test_a_completion_that_cannot_be_served_is_refused_in_one_sentence_with_a_way_out(
    change: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        legacy(**change)
    assert raised.value.param == param
    assert any(f"{word} " in raised.value.message for word in ("Send", "Give", "Use"))


@pytest.mark.parametrize(("ask", "room"), [(chat, "chat"), (legacy_pieces, "completions")])
def test_a_task_that_the_model_has_no_rules_for_is_a_bad_request(
    ask: Callable[..., Any], room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def knows_nothing(*given: object) -> str:
        raise ModelError("There are no rules for this. Use a bundled task.")

    monkeypatch.setattr(f"lab.practice.protocol.{room}.respond", knows_nothing)
    with pytest.raises(openai.BadRequestError, match="Use a bundled task") as raised:
        ask()
    assert raised.value.code == "unknown_task"


@pytest.mark.parametrize("ask", [chat, legacy, chat_pieces, legacy_pieces])
def test_an_unknown_model_is_not_found(ask: Callable[..., Any]) -> None:
    with pytest.raises(openai.NotFoundError, match=r"no model “gpt”.*practice-hasty") as raised:
        ask(model="gpt")
    assert raised.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/v1/chat/completions", b"{", 400),
        ("POST", "/v1/chat/completions", b"\xff\xfe\x00", 400),
        ("POST", "/v1/completions", b"[" * 200_000, 400),
        ("POST", "/v1/completions", b"1" * 5000, 400),
        ("POST", "/v1/chat/completions", b"[]", 400),
        ("POST", "/v1/chat/completions", b" " * (LONGEST_BODY + 1), 413),
        ("GET", "/v1/chat/completions", b"", 405),
        ("POST", "/v1/models", b"", 405),
        ("GET", "/v1/models/", b"", 404),
        ("POST", "/v1/chat/completions/", b"{}", 404),
        ("GET", "/v1/embeddings", b"", 404),
        ("GET", "/", b"", 404),
    ],
)
def test_what_is_no_request_gets_an_error_in_the_protocols_shape(
    method: str, path: str, content: bytes, status: int
) -> None:
    said = send(method, path, content)
    assert said.status_code == status
    assert set(said.json()["error"]) == {"message", "type", "param", "code"}
    assert (said.headers.get("allow") is not None) == (status == 405)


def test_half_characters_are_read_as_whole_ones() -> None:
    body = json.dumps({**CHAT, "model": "\ud83d"}).encode()
    assert send("POST", "/v1/chat/completions", body).status_code == 404
    body = json.dumps({"model": "practice", "prompt": f"{PROMPT} \ud83d", "echo": True, "max_tokens": 0}).encode()
    assert send("POST", "/v1/completions", body).json()["choices"][0]["text"] == f"{PROMPT} \ufffd"


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.sampled_from(["practice", PROMPT])
)
TREE = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"])},
    optional={"content": TREE | st.text(), "name": ODD},
)
BODY = st.fixed_dictionaries(
    {"model": st.sampled_from(list(MODELS)) | ODD},
    optional={
        "messages": st.lists(MESSAGE | TREE, max_size=3) | TREE,
        "prompt": st.text() | st.lists(st.text(), max_size=2) | TREE,
        "suffix": st.text() | TREE,
        "n": st.integers(-1, 4) | TREE,
        "temperature": st.sampled_from([0, 1, 2]) | TREE,
        "seed": TREE,
        "stop": TREE,
        "max_tokens": st.integers(0, 9) | TREE,
        "logprobs": st.booleans() | st.integers(0, 5) | TREE,
        "top_logprobs": st.integers(0, 20) | TREE,
        "echo": st.booleans() | TREE,
        "stream": st.booleans() | TREE,
        "stream_options": st.just({"include_usage": True}) | TREE,
        "response_format": TREE,
        "tools": TREE,
    },
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["/v1/chat/completions", "/v1/completions"]),
    BODY.map(lambda body: json.dumps(body).encode())
    | TREE.map(lambda tree: json.dumps(tree).encode())
    | st.binary(),
)
def test_any_body_is_answered_or_refused_and_the_same_again(path: str, body: bytes) -> None:
    said = send("POST", path, body)
    assert said.status_code in (200, 400, 404)
    if said.status_code != 200:
        assert said.json()["error"]["message"]
    assert send("POST", path, body).content == said.content
