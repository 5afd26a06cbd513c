"""Connecting to a model from a script or a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from lab.core import arguments
from lab.errors import MisuseError
from lab.models.capabilities import Capabilities
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.findings import lines, sentence
from lab.models.roles import Ceiling, Limits, ModelConfig, Models, Sampling
from lab.text import as_code

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Connection", "connect", "hand", "use"]


class _Connected(Protocol):
    """What holds keys and findings for its steps: a session."""

    connections: Connections


@dataclass(frozen=True)
class Connection:
    """A model that can be asked: where it answers, how it is asked, and the key, which is never shown.

    Example:
        >>> model = lab.connect("llama3.2", "http://localhost:11434/v1", concurrency=4)
        >>> model
        Connection('llama3.2@http://localhost:11434/v1')
        >>> run = lab.begin("sentiment", model=model, optimizer_model="practice")
    """

    config: ModelConfig
    connections: Connections = field(repr=False, compare=False)

    def __repr__(self) -> str:
        return f"Connection({self.config.spec!r})"

    _repr_html_ = as_code

    async def check(self) -> Capabilities:
        """Find out by a few cheap calls what the model can do at this address.

        Raises:
            ModelError: when nothing answers there.
        """
        return await self.connections.check(self.config)

    @property
    def capabilities(self) -> Capabilities:
        """What is known of the model; UNKNOWN before it was checked."""
        return self.connections.capabilities(self.config.endpoint)

    @property
    def found(self) -> tuple[str, ...]:
        """What is known of the model, a sentence each."""
        known = self.capabilities
        if not known.checked:
            return (f"{self.config.endpoint.name} has not been checked yet.",)
        found = (f"{line.what} ({line.word}): {line.told}." for line in lines(known))
        return (*found, *map(sentence, known.notes))


def connect(
    model: str,
    base_url: str | None = None,
    *,
    key: str | None = None,
    temperature: float | None = None,
    max_tokens: int | None = None,
    concurrency: int = 64,
    requests_per_minute: int = 0,
    tokens_per_minute: int = 0,
    timeout_s: float = 60.0,
    tries: int = 4,
    lost_after_s: float = 120.0,
    most_failed: float = 0.5,
) -> Connection:
    """Name a model and how it is to be asked; nothing is sent yet.

    Without `base_url` the address is OPENAI_BASE_URL's, else OpenAI's own, or `model` is MODEL@URL or a practice
    model. Without `key` the one of OPENAI_API_KEY is used, for its own address alone. `temperature` and
    `max_tokens` of None leave these to the optimizer, or to what a target model is asked with. A step stops when
    nothing was answered for `lost_after_s` seconds, or when more than a share of `most_failed` of its calls is not.

    Raises:
        MisuseError: for an address that is none, a value out of range, or a key that is needed and not there.

    Example:
        >>> lab.connect("llama3.2", "http://localhost:11434/v1", temperature=0.2)
        Connection('llama3.2@http://localhost:11434/v1')
    """
    _check_kinds(model, base_url, key, temperature, {
        "max_tokens": max_tokens, "concurrency": concurrency, "requests_per_minute": requests_per_minute,
        "tokens_per_minute": tokens_per_minute, "timeout_s": timeout_s, "tries": tries,
        "lost_after_s": lost_after_s, "most_failed": most_failed,
    })  # fmt: skip
    endpoint = Endpoint.of(f"{model.strip()}@{base_url.strip()}" if base_url else model)
    limits = Limits(
        concurrency, requests_per_minute, tokens_per_minute, timeout_s, tries, lost_after_s, most_failed
    )
    connections = Connections()
    if key:
        connections.keys.hold(endpoint.base_url, key)
    connections.client(endpoint, limits)  # refuses an endpoint whose key is missing; sends nothing
    return Connection(ModelConfig(endpoint, Sampling(temperature, max_tokens), limits), connections)


def _check_kinds(
    model: object, base_url: object, key: object, temperature: object, numbers: Mapping[str, object]
) -> None:
    arguments.text("model", model, "the name of a model, such as 'practice' or 'llama3.2'", empty=False)
    if base_url is not None:
        where = "an address such as 'http://localhost:11434/v1'"
        if "://" not in arguments.text("base_url", base_url, where):  # not repeated: it may hold a secret
            raise MisuseError(f"base_url must be {where}, with http:// or https:// before it.")
    if key is not None and not isinstance(key, str):  # not repeated: it may hold a secret
        raise MisuseError(f"key must be a text, not {type(key).__name__}.")
    for name, given in {"temperature": temperature, **numbers}.items():
        may_be_none = given is None and name in ("temperature", "max_tokens")
        if not may_be_none and (isinstance(given, bool) or not isinstance(given, int | float)):
            raise arguments.wrong(name, "a number", given)


def use(
    session: _Connected,
    optimizer: Connection | str,
    target: Connection | str | None = None,
    *,
    ceiling: Ceiling | None = None,
) -> Models:
    """Hand models with their keys to a session, and return what `session.begin(task, models=...)` takes.

    Without `target` one model has both roles. A key is held in memory: to go on after a restart, call this again.

    Raises:
        MisuseError: for a name that is no model.

    Example:
        >>> session = lab.Session("mine.sqlite")
        >>> lab.use(session, "practice", lab.connect("practice-hasty"))["target"].spec
        'practice-hasty'
    """
    for name, given in {"optimizer": optimizer, **({} if target is None else {"target": target})}.items():
        if not isinstance(given, str | Connection):
            raise arguments.wrong(name, "a model: 'practice', 'NAME@URL', or what lab.connect() returns", given)
    if ceiling is not None and not isinstance(ceiling, Ceiling):
        raise arguments.wrong("ceiling", "a lab.Ceiling such as lab.Ceiling(calls=500)", ceiling)
    writes = hand(session, optimizer)
    answers = writes if target is None else hand(session, target)
    return Models(optimizer=writes, target=answers, ceiling=ceiling or Ceiling())


def hand(session: _Connected, model: Connection | str) -> ModelConfig:
    """Hand a model with its key to a session, and return how it is asked.

    Raises:
        MisuseError: for a name that is not one of a model.
    """
    if isinstance(model, str):
        return ModelConfig.of(model)
    endpoint = model.config.endpoint
    if key := model.connections.keys.of(endpoint):
        session.connections.keys.hold(endpoint.base_url, key)
    if model.capabilities.checked:
        session.connections.learn(endpoint, model.capabilities)
    return model.config
