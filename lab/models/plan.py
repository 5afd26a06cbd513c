"""From an ask to the calls it takes, and from their answers to what the ask is told. Pure.

Calls stand in the order of the ask, repeats included; whoever sends them sends equal ones once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from lab.core.asks import By, Evaluate, Example, Flaw, Generate, Reply, Request, Score, Task
from lab.core.layout import messages
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models import forcing, likelihood
from lab.models.calls import Answer, Call
from lab.models.capabilities import UNKNOWN, Capabilities, Force, Way
from lab.models.roles import ModelConfig, Role, Sampling
from lab.tasks.rubric import points

if TYPE_CHECKING:
    from lab.tasks import outcomes

__all__ = ["evaluate_calls", "force_of", "generate_calls", "judge_calls", "replies", "said", "scores"]


# How a target model is asked unless a person says otherwise: as deterministic as a server allows, so that answers
# can be reused.
TARGET_TEMPERATURE = 0.0
TARGET_MAX_TOKENS = 256
TARGET_SEED = 0
FIRST = "0"  # the sample of every answer, unless a person draws anew


def generate_calls(
    ask: Generate, sample: str | int, config: ModelConfig, seed: int, capabilities: Capabilities = UNKNOWN
) -> tuple[Call, ...]:
    """Make `n` calls a request; equal meta-prompts are counted, so that each may be answered differently.

    Each reply is a call of its own, whatever the endpoint makes of `n`: kept, tried again and reused on its own.
    A request with a suffix is a completion where the endpoint fills in.
    """
    how = config.sampling
    seen: Counter[str] = Counter()
    calls: list[Call] = []
    for request in ask.requests:
        occurrence = seen[request.meta_prompt]
        seen[request.meta_prompt] += 1
        temperature = request.temperature if how.temperature is None else how.temperature
        body = {
            "model": config.endpoint.model,
            **_asking(request, capabilities),
            "temperature": float(temperature),  # 1 and 1.0 are one key
            "max_tokens": how.max_tokens or request.max_tokens,
            **_stopping(how),
        }
        for i in range(request.n):
            tag = f"{sample}.{occurrence}.{i}"
            calls.append(Call.of(config.endpoint.base_url, {**body, "seed": _call_seed(seed, tag)}, tag + how.draw))
    return tuple(calls)


def evaluate_calls(
    ask: Evaluate, task: Task, config: ModelConfig, capabilities: Capabilities = UNKNOWN
) -> tuple[Call, ...]:
    """Make a call for every prompt on every example, always as sample 0: an answer serves all rounds.

    Raises:
        MisuseError: when the split or an example is not the task's, or a choice cannot be forced here.
    """
    examples = _examples(ask, task)
    endpoint, how, way = config.endpoint, config.sampling, _way(ask, task, capabilities)
    force = None if way else force_of(config, task, capabilities)
    if way not in (None, "alternatives"):
        return tuple(
            Call.of(
                endpoint.base_url,
                likelihood.request(way, endpoint.model, prompt, example, task.fields(example)),
                FIRST + how.draw,
            )
            for prompt in ask.prompts
            for example in examples
        )
    body = {
        "model": endpoint.model,
        "temperature": float(TARGET_TEMPERATURE if how.temperature is None else how.temperature),
        "max_tokens": how.max_tokens or (forcing.longest(force, task.labels) if force else TARGET_MAX_TOKENS),
        "seed": TARGET_SEED,
        **(forcing.fields(force, task.labels) if force else {}),
        **(likelihood.ALTERNATIVES if way else {}),
        **_stopping(how),
    }
    return tuple(
        Call.of(
            endpoint.base_url,
            {**body, "messages": messages(prompt, example.input, task.fields(example))},
            FIRST + how.draw,
        )
        for prompt in ask.prompts
        for example in examples
    )


def judge_calls(
    ask: Evaluate,
    task: Task,
    answers: Sequence[Answer],
    models: Mapping[Role, ModelConfig],
    capabilities: Capabilities = UNKNOWN,
) -> tuple[Call | None, ...]:
    """Make the calls to the judge about the answers of `evaluate_calls`, None for one that it does not grade.

    () where none is graded by a model: by another metric, or by likelihood.

    Raises:
        MisuseError: when a model has to grade them, and none is named.
    """
    from lab.models import judging

    if points(task.metric) is None or _way(ask, task, capabilities) is not None:
        return ()
    if "judge" not in models:
        raise MisuseError(
            gettext_lazy(
                "The answers of the task {task!r} are graded by a model, and no judge is named. Name one: "
                "judge_model=..., --judge, or the third model of the page.",
                task=task.name,
            )
        )
    examples = _examples(ask, task) * len(ask.prompts)
    replies = [_reply_to_judge(models["target"], task, capabilities, answer) for answer in answers]
    return judging.judge_calls(task, examples, replies, models["judge"])


def _stopping(how: Sampling) -> dict[str, list[str]]:
    return {"stop": list(how.stop)} if how.stop else {}


def replies(
    ask: Generate, answers: Sequence[Answer], capabilities: Capabilities = UNKNOWN
) -> tuple[tuple[Reply, ...], ...]:
    """Sort the answers of `generate_calls` by request, given what it was given.

    What was filled into a gap is all of a reply, and says so.
    """
    rest = iter(answers)
    return tuple(
        tuple(_reply(request, next(rest), capabilities) for _ in range(request.n)) for request in ask.requests
    )


def scores(
    ask: Evaluate,
    task: Task,
    answers: Sequence[Answer],
    capabilities: Capabilities = UNKNOWN,
    config: ModelConfig | None = None,
    verdicts: Sequence[Answer | None] = (),
) -> tuple[Score, ...]:
    """Judge the answers of `evaluate_calls`, given what it was given: one Score a prompt, in the order asked.

    `verdicts` are the answers of `judge_calls`, None where no call was made.
    """
    examples = _examples(ask, task)
    way = _way(ask, task, capabilities)
    if way is not None:
        wanted = [example.answer for example in examples] * len(ask.prompts)
        hits = likelihood.hits(way, [answer.tokens for answer in answers], wanted)
        # Alternatives tell nothing of labels of several tokens; their replies are answers too.
        told = [hit for hit, answer in zip(hits, answers, strict=True) if not answer.is_missing]
        if way != "alternatives" or None not in told:
            flaws = (answer.flaw if answer.is_missing else None for answer in answers)
            return _scored(ask, [("", hit, flaw) for hit, flaw in zip(hits, flaws, strict=True)], "likelihood")
    rows = zip(examples * len(ask.prompts), answers, verdicts or (None,) * len(answers), strict=True)
    return _scored(ask, [
        _judged(task, example, _reply_to_judge(config, task, capabilities, answer), answer.flaw, verdict)
        for example, answer, verdict in rows
    ])  # fmt: skip


def _scored(
    ask: Evaluate, rows: Sequence[tuple[str, float | None, Flaw | None]], by: By = "answers"
) -> tuple[Score, ...]:
    """Sort rows of (got, hit, flaw) by prompt."""
    n = len(ask.examples)
    made = []
    for i, prompt in enumerate(ask.prompts):
        got, hits, flaws = tuple(zip(*rows[i * n : (i + 1) * n], strict=True)) or ((), (), ())
        made.append(Score(prompt, ask.examples, hits=hits, got=got, by=by, flaws=flaws if any(flaws) else ()))
    return tuple(made)


def force_of(config: ModelConfig, task: Task, capabilities: Capabilities) -> Force | None:
    """Return how a target is made to answer with a label, None where it answers as it likes.

    Raises:
        MisuseError: when it is to be, and its endpoint has not proved that it can.
    """
    if not (config.sampling.forced and task.labels and capabilities.checked):
        return None
    if capabilities.forcing is None:
        raise MisuseError(
            gettext_lazy(
                "The endpoint of {model} has not shown that it can be made to answer with a label. "
                "Leave forced choice out, or take another endpoint: vLLM, llama.cpp, Ollama and OpenAI have ways.",
                model=config.endpoint.name,
            )
        )
    return capabilities.forcing


def said(config: ModelConfig, task: Task, capabilities: Capabilities, answer: Answer) -> str:
    """Return the text of a target's answer that is read and judged: the label, where a choice was forced."""
    force = force_of(config, task, capabilities)
    return forcing.label(force, task.labels, answer) if force else answer.text


def _way(ask: Evaluate, task: Task, capabilities: Capabilities) -> Way | None:
    """Return the way to the likelihood of an answer, None where answers are judged."""
    way = capabilities.likelihood if ask.by == "likelihood" else None
    return None if way == "alternatives" and not task.labels else way


def _asking(request: Request, capabilities: Capabilities) -> dict[str, Any]:
    """Return what a request says: a chat message, or a text with a gap for an endpoint that fills it."""
    if (before := _before_gap(request, capabilities)) is None:
        return {"messages": [{"role": "user", "content": request.meta_prompt}]}
    return {"prompt": before, "suffix": request.suffix}


def _before_gap(request: Request, capabilities: Capabilities) -> str | None:
    """Return the paragraph that leads up to the gap; what stands before it tells a chat model what a gap is.

    None where nothing is to be filled in: also where a person has edited the meta-prompt's end.
    """
    if not (request.gap and request.suffix and capabilities.infill):
        return None
    before, gap, _ = request.meta_prompt.rpartition(f"{request.gap}{request.suffix}")
    return before.rpartition("\n\n")[2].rstrip() if gap else None


def _reply(request: Request, answer: Answer, capabilities: Capabilities) -> Reply:
    if not (request.suffix and answer.text.strip()) or _before_gap(request, capabilities) is None:
        return Reply(answer.text, answer.flaw)
    # Some models write the suffix once more; APE's code takes it out, too.
    filled, suffix, _ = answer.text.partition(request.suffix)
    return Reply(filled.strip(), None if suffix else answer.flaw, infilled=True)


def _reply_to_judge(
    config: ModelConfig | None, task: Task, capabilities: Capabilities, answer: Answer
) -> outcomes.Reply | None:
    """Return an answer as it is judged; None for one that was not measured.

    A call that no reply came to was not measured, nor a model that spent its tokens before a first word; one that
    refused, or had nothing to say, was, and leaving it out would flatter the prompt that made it do so.
    """
    from lab.tasks.outcomes import Reply

    if answer.is_missing:
        return None
    text = answer.text if config is None else said(config, task, capabilities, answer)
    if answer.flaw and answer.flaw.code in ("cut_off", "cut_off_before_text") and not text.strip():
        return None
    return Reply(text, answer.flaw)


def _judged(
    task: Task, example: Example, reply: outcomes.Reply | None, flaw: Flaw | None, verdict: Answer | None
) -> tuple[str, float | None, Flaw | None]:
    """Judge one answer; the flaw of one that a judge gave no verdict on says what came in place of it."""
    from lab.models.judging import verdict_of
    from lab.tasks.outcomes import judged

    if reply is None:
        return "", None, flaw
    said_of_it = verdict_of(verdict)
    found = judged(task, example, reply._replace(verdict=said_of_it))
    if found.hit is None:
        unheard = verdict.flaw if verdict is not None else None
        flaw = Flaw("not_judged", texts=(said_of_it,)) if said_of_it is not None else unheard or Flaw("not_judged")
    return found.got, found.hit, flaw


def _examples(ask: Evaluate, task: Task) -> list[Example]:
    if ask.split not in ("train", "dev"):
        raise MisuseError(
            gettext_lazy("The split {split!r} cannot be evaluated in a step. Use train or dev.", split=ask.split)
        )
    known = {example.id: example for example in task.split(ask.split)}
    unknown = [id for id in ask.examples if id not in known]
    if unknown:
        raise MisuseError(_no_examples(ask.split, task.name, *unknown))
    return [known[id] for id in ask.examples]


def _no_examples(split: str, task: str, first: str, *more: str) -> str:
    if not more:
        return gettext_lazy(
            "The {split} split of the task {task!r} has no example {first!r}. "
            "Ask for examples by the ids that the split has.",
            split=split, task=task, first=first,
        )  # fmt: skip
    return gettext_lazy(
        "The {split} split of the task {task!r} has no example {first!r} (nor {n_more} more). "
        "Ask for examples by the ids that the split has.",
        split=split, task=task, first=first, n_more=len(more),
    )  # fmt: skip


def _call_seed(seed: int, tag: str) -> int:
    """Draw 31 bits, which every server takes, from the run's seed and the call's sample."""
    return int.from_bytes(blake2b(f"{seed}/{tag}".encode(), digest_size=4).digest(), "big") >> 1
