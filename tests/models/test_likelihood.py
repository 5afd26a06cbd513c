"""Log-probabilities as servers give them, how likely an answer is by every way, and what plans make of both."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.flaws import in_words
from support.toy_server import ALL, NOWHERE, Toy, connected, logprob, scored

from lab.core.asks import Evaluate, Example, Generate, Reply, Request, Score, Task
from lab.core.flaws import Flaw
from lab.core.layout import messages
from lab.models import likelihood
from lab.models.calls import Answer, Call, MemoryCache
from lab.models.capabilities import UNKNOWN, Capabilities, Way
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.logprobs import Token, read, tokens_of
from lab.models.perform import Performer
from lab.models.plan import evaluate_calls, generate_calls, replies, scores
from lab.models.roles import Limits, ModelConfig, Models, Sampling
from lab.optimizers import ape
from lab.practice import asgi_app

TOY = ModelConfig(Endpoint("toy", NOWHERE), limits=Limits(tries=1, timeout_s=5))
PROMPT = "Is the number even?"
ROWS = (
    Example.of("Four, and a\nline more.", "yes"),
    Example.of("Output: 7", "no"),
    Example.of("9 \\ 3", 'it is "odd"\n(9)'),
)
TASK = Task("evenness", PROMPT, ROWS, (), labels=("yes", "no"))
ROW_IDS = tuple(row.id for row in ROWS)
BY_LIKELIHOOD = Evaluate((PROMPT, "Even? {input}", ""), ROW_IDS, by="likelihood")

CUT_OFF = Flaw("cut_off")


# Reading what servers give


NAMED = [{"token": "Yes", "logprob": -0.1}, {"token": "No", "logprob": -3}]
CHAT = {
    "content": [
        {"token": "Yes", "logprob": -0.1, "top_logprobs": NAMED},
        {"token": "", "logprob": -0.6, "top_logprobs": None, "bytes": None},
    ]
}
LEGACY = {
    "tokens": ["\n", "Yes"], "token_logprobs": [None, -0.1], "top_logprobs": [None, {"Yes": -0.1, "No": -3}],
    "text_offset": [0, 1],
}  # fmt: skip
BOTH = (("Yes", -0.1), ("No", -3.0))


@pytest.mark.parametrize(
    ("logprobs", "tokens"),
    [
        (CHAT, (Token("Yes", -0.1, BOTH), Token("", -0.6))),
        (LEGACY, (Token("\n", None), Token("Yes", -0.1, BOTH))),
        ({**LEGACY, "top_logprobs": None}, (Token("\n", None), Token("Yes", -0.1))),
        ({**LEGACY, "top_logprobs": [None]}, (Token("\n", None), Token("Yes", -0.1))),
        ({**LEGACY, "tokens": ["Yes"]}, ()),
        ({**LEGACY, "tokens": None}, ()),
        ({"content": None}, ()),
        ({"content": ["Yes"]}, ()),
        ({"content": [{"token": 7, "logprob": -1}]}, ()),
        ({"content": [{"token": "Yes"}]}, (Token("Yes", None),)),
        ({"content": [{"token": "Yes", "logprob": float("-inf")}]}, (Token("Yes", None),)),
        ({"content": [{"token": "Yes", "logprob": 10**400}]}, (Token("Yes", None),)),
        ({"content": [{"token": "Yes", "logprob": 0.7}]}, (Token("Yes", None),)),
        ({"content": [{"token": "Yes", "logprob": 1e-7}]}, (Token("Yes", 1e-7),)),
        ({"content": [{"token": "\ud83d", "logprob": -1}]}, (Token("�", -1.0),)),
        (None, ()),
        ([], ()),
    ],
)
def test_log_probabilities_are_read_in_every_shape_and_what_is_odd_is_none(logprobs: Any, tokens: Any) -> None:
    assert read({"logprobs": logprobs}) == tokens


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda tree: st.lists(tree, max_size=3) | st.dictionaries(st.text(max_size=4), tree, max_size=3),
    max_leaves=5,
)
ENTRY = st.fixed_dictionaries(
    {}, optional={"token": st.text(max_size=3) | JSON, "logprob": st.floats() | JSON, "top_logprobs": JSON}
)
GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "content": st.lists(ENTRY | JSON, max_size=3) | JSON,
        "tokens": st.lists(st.text(max_size=2), max_size=3) | JSON,
        "token_logprobs": st.lists(st.floats() | st.none(), max_size=3) | JSON,
        "top_logprobs": st.lists(JSON, max_size=3) | JSON,
    },
)


@given(st.fixed_dictionaries({"logprobs": GIVEN | JSON}) | JSON, st.text(max_size=3))
def test_whatever_a_server_gives_is_read_without_an_error_and_stored_without_loss(choice: Any, answer: str) -> None:
    tokens = read(choice)
    kept = Answer("x", tokens=tokens)
    assert Answer.of(kept.json) == kept
    assert tokens_of(asdict(token) for token in tokens) == tokens
    ways: tuple[Way, ...] = ("echo", "grammar", "choice", "alternatives")
    for way in ways:
        (hit,) = likelihood.hits(way, [tokens], [answer])
        assert hit is None or hit <= 0


# How likely an answer is


def mean(before: str, answer: str) -> float:
    """What the toy model thinks of an answer."""
    told = scored(before, answer)
    return sum(p for _, p in told) / len(told)


def toy_performer(toy: Toy, cache: MemoryCache | None = None) -> Performer:
    cache = MemoryCache() if cache is None else cache
    return Performer(TASK, Models.single(TOY), cache, connections=connected(toy.app))


def chatted(prompt: str, input: str) -> str:
    said = messages(prompt, input)
    return "".join(f"<{m['role']}>{m['content']}" for m in said) + "<assistant>"


@pytest.mark.parametrize(
    "habits",
    [["echo ignored"], ["echo ignored", "names the end"], ["echo ignored", "grammar ignored"],
     ["echo ignored", "grammar ignored", "older choice", "names the end"]],
    ids=", ".join,
)  # fmt: skip
async def test_a_forced_chat_reply_tells_the_likelihood_of_any_answer(habits: list[str]) -> None:
    told = await toy_performer(Toy(*habits))(BY_LIKELIHOOD)
    for score in told:
        assert isinstance(score, Score)
        wanted = [mean(chatted(score.text, row.input), row.answer) for row in ROWS]
        assert score == Score(score.text, ROW_IDS, hits=score.hits, got=("",) * 3, by="likelihood")
        assert score.hits == pytest.approx(wanted)


@pytest.mark.parametrize("habits", [[], ["chat logprobs null", "chat shape in completions"]], ids=", ".join)
async def test_an_echo_tells_the_likelihood_of_any_answer(habits: list[str]) -> None:
    told = await toy_performer(Toy(*habits))(BY_LIKELIHOOD)
    for score in told:
        assert isinstance(score, Score)
        laid_out = [likelihood.laid_out(messages(score.text, row.input)) for row in ROWS]
        wanted = [mean(text, f" {row.answer}") for text, row in zip(laid_out, ROWS, strict=True)]
        assert score.by == "likelihood"
        assert score.hits == pytest.approx(wanted)


async def test_the_practice_model_scores_its_own_reply_as_it_generated_it() -> None:
    reviews = ("A dull, lifeless film.", "Not bad at all!", "I loved it")
    endpoint = Endpoint.of("practice")
    prompt = "Is the text positive or negative? Answer with one word."

    client = Client(endpoint, app=asgi_app())
    generated, rows = [], []
    for review in reviews:
        text = likelihood.laid_out(messages(prompt, review))
        body = {"model": "practice", "prompt": text, "temperature": 0, "logprobs": 1, "max_tokens": 30}
        answer = await client.answer(body)
        generated.append(sum(token.logprob or 0 for token in answer.tokens) / len(answer.tokens))
        rows.append(Example.of(review, answer.text.strip()))
    task = Task("reviews", prompt, tuple(rows), (), labels=("positive", "negative"))
    performer = Performer(task, Models.single(ModelConfig(endpoint)), MemoryCache())
    (score,) = await performer(Evaluate((prompt,), tuple(row.id for row in rows), by="likelihood"))
    assert isinstance(score, Score)
    assert score.by == "likelihood"
    assert score.hits == pytest.approx(generated)
    assert max(generated) < -0.01


def test_a_text_is_laid_out_with_a_line_end_first_and_the_answer_last() -> None:
    assert likelihood.laid_out(messages("Even?", "4")) == "\nEven?\n\nInput: 4\nOutput:"
    assert likelihood.laid_out(messages("Is {input} even?", "4")) == "\nIs 4 even?\nOutput:"
    assert likelihood.laid_out(messages("", "4")) == "\n4\nOutput:"


def echo(*tokens: tuple[str, float | None]) -> list[Token]:
    return [Token(text, logprob) for text, logprob in tokens]


@pytest.mark.parametrize(
    ("tokens", "hit"),
    [
        (echo(("\nOutput:", None), (" no", -1), ("t", -2), ("\n", -9)), -1.5),
        (echo(("\ufeff", None), ("\nOutput", -9), (":", -9), (" not", -1)), -1.0),  # BOM; nothing generated
        (echo(("<s>", None), ("\nOutput", -9), (": ", -4), ("not", -1), ("!", -9)), -2.5),  # a space that merged
        (echo(("\nOutput:", None), ("", -7), (" not", -1), ("", -7), ("!", -9)), -1.0),  # tokens without a text
        (echo(("\nOutput: not", -9), ("\nOutput:", -9), (" not", -1)), -1.0),  # the input holds the mark
        (echo(("\nOutput:", None), (" not", None)), None),
        (echo(("\nOutput:", None), (" no", -1), ("t", None)), None),
        (echo((" not", -1)), None),
        (echo(("Output:", None), (" no", -1)), None),
        ([], None),
    ],
)
def test_the_answer_is_found_in_an_echo_however_it_is_cut(tokens: list[Token], hit: float | None) -> None:
    assert likelihood.hits("echo", [tokens], ["not"]) == (hit,)


@pytest.mark.parametrize(
    ("tokens", "hit"),
    [
        (echo(("no", -1), ("t", -2)), -1.5),
        (echo(("no", -1), ("t", -2), ("", -9)), -1.5),
        (echo(("no", -1), ("t", -2), ("</s>", -9)), -1.5),
        (echo(("", -9), ("not", 1e-9)), 0.0),
        (echo(("no", -1)), None),
        (echo(("nothing", -1)), None),
        (echo((" not", -1)), None),
    ],
)
def test_a_forced_reply_counts_without_its_end_and_only_when_it_is_the_answer(
    tokens: list[Token], hit: float | None
) -> None:
    assert likelihood.hits("grammar", [tokens], ["not"]) == (hit,)
    assert likelihood.hits("choice", [tokens], ["not"]) == (hit,)


def spoken(grammar: str) -> str:
    """Reads a grammar of one string as llama.cpp does: what it lets a reply be, if it is one string alone."""
    start = 'root ::= "'
    assert grammar.startswith(start)
    assert grammar.isprintable() or not grammar.isascii()
    rest, text = grammar[len(start) :], ""
    while not rest.startswith('"'):
        found = re.match(r'\\x([0-9A-F]{2})|\\([nrt"\\])|([^\\"])', rest, re.S)
        assert found, rest
        code, escaped, plain = found.groups()
        text += chr(int(code, 16)) if code else {"n": "\n", "r": "\r", "t": "\t"}.get(escaped, escaped or plain)
        rest = rest[found.end() :]
    assert rest == '"'
    return text


@given(st.text() | st.text('"\\\n\r\t\0nx |()[]:=#é模\x7f', max_size=8))
def test_no_answer_breaks_out_of_the_grammar_or_the_choice_that_it_is_forced_by(answer: str) -> None:
    assert spoken(likelihood.forced("grammar", answer)["grammar"]) == answer
    fields = likelihood.forced("choice", answer)
    assert fields == {"structured_outputs": {"choice": [answer]}, "guided_choice": [answer]}


@pytest.mark.parametrize("habits", [[], ["echo ignored"], ["echo ignored", "grammar ignored"]], ids=", ".join)
async def test_an_endpoint_that_stops_telling_is_asked_for_answers_from_then_on(habits: list[str]) -> None:
    toy = Toy(*habits)
    performer = toy_performer(toy)
    (told,) = await performer(replace(BY_LIKELIHOOD, prompts=(PROMPT,)))
    assert isinstance(told, Score)
    assert None not in told.hits
    toy.habits |= {"echo ignored", "grammar ignored", "choice ignored", "logprobs null"}
    (untold,) = await performer(replace(BY_LIKELIHOOD, prompts=("Is it?",)))
    assert isinstance(untold, Score)
    assert untold.by == "answers"
    assert None not in untold.hits
    n = len(toy.bodies)
    (later,) = await performer(replace(BY_LIKELIHOOD, prompts=("Well?",)))
    assert isinstance(later, Score)
    assert (later.by, len(toy.bodies) - n) == ("answers", 3)


@pytest.mark.parametrize("answer", ["", " yes", "yes ", '"', "a\\nb", "é模", "\n"])
def test_odd_answers_are_told_or_left_unmeasured_in_every_way(answer: str) -> None:
    ways: tuple[Way, ...] = ("echo", "grammar", "choice")
    for way in ways:
        body = likelihood.request(way, "toy", PROMPT, Example.of("4", answer or "?"))
        if way == "echo":
            given = scored("", f"{likelihood.laid_out(messages(PROMPT, '4'))} {answer}!")
            assert body["prompt"].startswith(likelihood.laid_out(messages(PROMPT, "4")))
        else:
            given = scored("", f"{answer}")
        (hit,) = likelihood.hits(way, [[Token(text, p) for text, p in given]], [answer])
        assert (hit is None) == (answer == "" and way != "echo")


def top(**others: float) -> list[Token]:
    named = tuple((text.replace("_", " "), p) for text, p in others.items())
    return [Token(named[0][0], named[0][1], named), Token("...", -9, (("no", -0.001),))]


def test_a_label_out_of_sight_counts_as_the_least_likely_in_sight_where_it_is_known_to_be_one_token() -> None:
    read = [top(_Yes=-0.1, Yes=-0.05, no=-3), top(Maybe=-0.2, yes=-4), top(Let=-0.1, The=-5)]
    hits = likelihood.hits("alternatives", read, ["Yes", "no", "Yes"])
    assert hits == (-0.05, -4, -5)
    assert likelihood.hits("alternatives", read, ["positive", "no", "Yes"]) == (None, -4, -5)
    assert likelihood.hits("alternatives", [[], top(no=-1)], ["no", "no"]) == (None, -1)
    assert likelihood.hits("alternatives", [[Token("\n", -1), *top(no=-1)]], ["no"]) == (-1,)


async def test_labels_of_one_token_are_scored_by_alternatives_and_others_by_answers() -> None:
    only = ["echo ignored", "grammar ignored", "choice ignored"]
    rows = ROWS[:2]
    ask = Evaluate((PROMPT,), tuple(row.id for row in rows), by="likelihood")
    (score,) = await toy_performer(Toy(*only))(ask)
    assert isinstance(score, Score)
    first = [logprob(chatted(PROMPT, row.input), score_first(PROMPT, row)) for row in rows]
    assert score == Score(PROMPT, ask.examples, hits=score.hits, got=("", ""), by="likelihood")
    assert score.hits == pytest.approx([first[0] - 1, first[1] - 2])
    (other,) = await toy_performer(Toy(*only))(replace(ask, examples=ROW_IDS))
    assert isinstance(other, Score)
    assert other.by == "answers"
    assert all(other.got)


def score_first(prompt: str, row: Example) -> str:
    """The first token of the toy model's reply."""
    toy = Toy()
    body = {"temperature": 0, "max_tokens": 1}
    return toy.reply(chatted(prompt, row.input), body, None)[0]


# What plans make of it


async def test_an_endpoint_that_cannot_score_is_asked_for_answers_and_the_score_says_so() -> None:
    told = await toy_performer(Toy("logprobs null"))(BY_LIKELIHOOD)
    assert {score.by for score in told if isinstance(score, Score)} == {"answers"}


def test_calls_by_likelihood_are_as_many_as_by_answers_and_none_of_them_the_same() -> None:
    ways: tuple[Way, ...] = ("echo", "grammar", "choice", "alternatives")
    by_answers = evaluate_calls(replace(BY_LIKELIHOOD, by="answers"), TASK, TOY, ALL)
    assert evaluate_calls(BY_LIKELIHOOD, TASK, TOY, UNKNOWN) == by_answers
    seen = {call.key for call in by_answers}
    for way in ways:
        calls = evaluate_calls(BY_LIKELIHOOD, TASK, TOY, replace(ALL, likelihood=way))
        assert len(calls) == len(by_answers) == len(BY_LIKELIHOOD.prompts) * len(ROWS)
        assert not seen & {call.key for call in calls}
        seen |= {call.key for call in calls}
        assert calls == evaluate_calls(BY_LIKELIHOOD, TASK, TOY, replace(ALL, likelihood=way))


def test_free_text_has_no_alternatives_and_what_is_asked_by_answers_is_asked_as_ever() -> None:
    can = Capabilities(checked=True, likelihood="alternatives")
    free = replace(TASK, labels=())
    calls = evaluate_calls(BY_LIKELIHOOD, free, TOY, can)
    assert calls == evaluate_calls(BY_LIKELIHOOD, free, TOY)
    body = {"model": "toy", "temperature": 0.0, "max_tokens": 256, "seed": 0}
    assert calls[0] == Call.of(NOWHERE, {**body, "messages": messages(PROMPT, ROWS[0].input)})


def test_a_persons_temperature_and_limit_are_sent_with_answers_and_with_the_alternatives_they_may_become() -> None:
    use = replace(TOY, sampling=Sampling(0.5, 99))
    can = Capabilities(checked=True, likelihood="alternatives")
    for ask in (BY_LIKELIHOOD, replace(BY_LIKELIHOOD, by="answers")):
        body = evaluate_calls(ask, TASK, use, can)[0].body
        assert (body["temperature"], body["max_tokens"]) == (0.5, 99)
        assert (body.get("top_logprobs") == 20) == (ask.by == "likelihood")


def test_a_score_says_which_answers_did_not_arrive_whole() -> None:
    ask = Evaluate(("a", "b"), ROW_IDS[:2])
    cut = Answer("yes", flaw=CUT_OFF)
    fine = Answer("no")
    first, second = scores(ask, TASK, [cut, fine, fine, fine])
    assert first == Score("a", ask.examples, hits=(1.0, 1.0), got=("yes", "no"), flaws=(CUT_OFF, None))
    assert second == Score("b", ask.examples, hits=(0.0, 1.0), got=("no", "no"))
    assert scores(Evaluate(("a",), ()), TASK, []) == (Score("a"),)


# Filling in


def gap(
    *, after: str = "\n\nInput: 4\nOutput: yes", end: str = "\n\nFill the gap, between <START> and <END>."
) -> Request:
    return Request(f"[BLANK] is a gap.\n\nInstruction: [BLANK]{after}{end}", 2, 0.9, suffix=after, gap="[BLANK]")


CAN_FILL = Capabilities(checked=True, infill=True)


def test_a_gap_is_filled_through_the_suffix_where_an_endpoint_can() -> None:
    request = gap()
    calls = generate_calls(Generate((request,)), 0, TOY, 1, CAN_FILL)
    assert [call.sample for call in calls] == ["0.0.0", "0.0.1"]
    assert {name: value for name, value in calls[0].body.items() if name != "seed"} == {
        "model": "toy", "prompt": "Instruction:", "suffix": request.suffix, "temperature": 0.9, "max_tokens": 1024,
    }  # fmt: skip
    assert calls[0].body["seed"] != calls[1].body["seed"]


@pytest.mark.parametrize(
    ("request_", "can"),
    [
        (gap(), UNKNOWN),
        (replace(gap(), suffix=None), CAN_FILL),
        (replace(gap(), gap=""), CAN_FILL),
        (gap(after=""), CAN_FILL),
        (replace(gap(), meta_prompt="Write an instruction. [BLANK]"), CAN_FILL),
    ],
    ids=["no infill", "no suffix", "no gap", "nothing after the gap", "a person edited the gap away"],
)
def test_without_infill_or_without_the_gap_a_chat_is_asked(request_: Request, can: Capabilities) -> None:
    for call in generate_calls(Generate((request_,)), 0, TOY, 1, can):
        assert call.body["messages"] == [{"role": "user", "content": request_.meta_prompt}]
        assert "suffix" not in call.body
    told = (Answer("say <START>x<END>"), Answer("y"))
    assert replies(Generate((request_,)), told, can) == ((Reply("say <START>x<END>"), Reply("y")),)


def test_what_was_filled_in_reads_like_any_reply_without_the_suffix_written_again() -> None:
    request = gap()
    told = (Answer(f" Say if it is even.{request.suffix}"), Answer("  \n", flaw=Flaw("empty_reply")))
    (first, second), (plain, _) = replies(Generate((request, gap(end=""))), told * 2, CAN_FILL)
    assert first == Reply("Say if it is even.", infilled=True)
    assert second == Reply("  \n", Flaw("empty_reply"))
    assert plain == Reply("Say if it is even.", infilled=True)
    cut, ended = Answer("Say if", flaw=CUT_OFF), Answer(f"Say if.{request.suffix}\n\nInput: 5", flaw=CUT_OFF)
    assert replies(Generate((request,)), [cut, ended], CAN_FILL) == (
        (Reply("Say if", CUT_OFF, infilled=True), Reply("Say if.", infilled=True)),
    )


async def test_apes_reverse_mode_fills_in_through_the_practice_model_and_every_candidate_can_be_used() -> None:
    from lab.core.asks import Context

    reviews = {
        "A dull, lifeless film.": "negative",
        "A joy from start to end.": "positive",
        "I hated it.": "negative",
    }
    task = Task(
        "reviews", "Positive or negative?", tuple(Example.of(*row) for row in reviews.items()), (),
        labels=("positive", "negative"),
    )  # fmt: skip
    run = Context(task, ape.Settings(mode="reverse", subsamples=1, proposals=4), 3)
    drawn = ape.start(run)
    pick = drawn.ask(run)
    induce = drawn.tell(run, tuple(pick.options[i] for i in pick.chosen))
    ask = induce.ask(run)
    practice = Endpoint.of("practice")
    connections = Connections()
    cache = MemoryCache()
    told = await Performer(task, Models(), cache, connections=connections)(ask)
    assert connections.capabilities(practice).infill
    assert all("suffix" in call.body for call, _ in cache.rows.values())
    items = induce.read(run, told)
    assert len(items) == 4
    assert {in_words(item.flaw) for item in items} <= {"", "duplicate: this prompt is already there"}
    assert items[0].flaw is None
    assert "<START>" not in items[0].text
