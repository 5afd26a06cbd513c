"""Which model has which role, how it is asked and how much at once, and what all may spend together."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from lab.core import arguments
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.endpoint import Endpoint
from lab.text import as_code

__all__ = ["ROLES", "Ceiling", "Limits", "ModelConfig", "Models", "Role", "Sampling", "stop_text"]


MOST_STOPS = 4  # as many as OpenAI takes


def stop_text(written: str) -> str:
    r"""Return a text to stop at as a person writes it: `\n` is a line end, `\t` a tab."""
    return written.replace("\\n", "\n").replace("\\t", "\t")


@dataclass(frozen=True)
class Sampling:
    """How a model is asked; None leaves it to who asks: the optimizer's settings, or a target's defaults.

    `temperature` from 0 to 2, `max_tokens` of a reply, which ends before the first of the `stop` texts. With
    `forced` a target's reply is one of the task's labels (see `lab.models.forcing`), where the endpoint can.
    Another `draw` asks anew for what is known.

    Raises:
        MisuseError: for a value out of range.
    """

    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    forced: bool = False
    draw: str = ""

    def __post_init__(self) -> None:
        if len(self.stop) > MOST_STOPS or not all(self.stop):
            raise MisuseError(
                gettext_lazy("Give one to {most} texts to stop at, none of them empty.", most=MOST_STOPS)
            )
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise MisuseError(
                gettext_lazy("A temperature must be from 0 to 2, not {given:g}.", given=self.temperature)
            )
        if self.max_tokens is not None and not 1 <= self.max_tokens <= 1_000_000:
            raise MisuseError(
                gettext_lazy("The tokens of a reply must be from 1 to 1000000, not {given}.", given=self.max_tokens)
            )


_RANGES = (
    ("concurrency", gettext_lazy("concurrency"), 1, 1024),
    ("requests_per_minute", gettext_lazy("requests per minute"), 0, 10**6),
    ("tokens_per_minute", gettext_lazy("tokens per minute"), 0, 10**9),
    ("timeout_s", gettext_lazy("timeout s"), 0.01, 3600),
    ("tries", gettext_lazy("tries"), 1, 20),
    ("lost_after_s", gettext_lazy("lost after s"), 0, 86_400),
    ("most_failed", gettext_lazy("most failed"), 0, 1),
)


@dataclass(frozen=True)
class Limits:
    """How an endpoint may be used; requests and tokens per minute of 0 are no limit.

    `concurrency` calls at once, a time-out of `timeout_s` seconds, `tries` of a call that failed for a reason
    that may pass. An endpoint is lost when nothing was answered for `lost_after_s` seconds. A step stops when more
    than a share of `most_failed` of its calls is not answered.

    Raises:
        MisuseError: for a value out of range.
    """

    concurrency: int = 64
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    timeout_s: float = 60.0
    tries: int = 4
    lost_after_s: float = 120.0
    most_failed: float = 0.5

    def __post_init__(self) -> None:
        for name, limit, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise MisuseError(gettext_lazy(
                    "{limit} must be from {low:g} to {high:g}, not {given:g}.",
                    limit=limit, low=low, high=high, given=value,
                ))  # fmt: skip


@dataclass(frozen=True)
class Ceiling:
    """What all branches of one run may spend on calls; 0 is no ceiling.

    Raises:
        MisuseError: for a value below 0, or that is no number.

    Example:
        >>> lab.Ceiling(calls=500, cost_usd=2.0)
        Ceiling(calls=500, tokens=0, cost_usd=2.0)
    """

    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0

    _repr_html_ = as_code

    def __post_init__(self) -> None:
        for name in ("calls", "tokens", "cost_usd"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise arguments.wrong(name, gettext_lazy("a number, 0 for no limit"), value)
            if value < 0:
                raise MisuseError(gettext_lazy("A spending limit cannot be below 0. Leave it at 0 for none."))


Role = Literal["optimizer", "target", "judge"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class ModelConfig:
    """A model in one role: where it answers, how it is asked, and how much at once.

    One that is `recorded` is asked for nothing: its replies are those that the book holds.
    """

    endpoint: Endpoint
    sampling: Sampling = Sampling()
    limits: Limits = Limits()
    recorded: bool = False

    @property
    def is_out_of_reach(self) -> bool:
        """Whether it has no other replies than those of a recording; the practice model is always at hand."""
        return self.recorded and not self.endpoint.in_process

    @property
    def spec(self) -> str:
        """The string that names the endpoint."""
        return self.endpoint.spec

    @property
    def name(self) -> str:
        """What people are shown; one of a recording says so."""
        if not self.recorded:
            return self.endpoint.name
        if self.endpoint.by_hand:
            return gettext_lazy("by hand, recorded")
        return gettext_lazy("{model}, recorded", model=self.endpoint.name)

    @classmethod
    def of(cls, model: ModelConfig | str) -> ModelConfig:
        """Return the configuration of a model that is named, as `lab.models.endpoint` spells it, or given.

        Raises:
            MisuseError: for a name that is not one of a model.
        """
        if isinstance(model, str):
            return cls(Endpoint.of(model))
        if not isinstance(model, ModelConfig):
            raise arguments.wrong("model", "the name of a model, such as 'practice' or 'NAME@URL'", model)
        return model


@dataclass(frozen=True, init=False, repr=False)
class Models(Mapping[Role, ModelConfig]):
    """The model of each role, and the `ceiling` that holds for all branches of a run together; no key is in here.

    The optimizer or target model that is not given is the practice model; a judge is there only where it is given,
    for a task whose answers a model grades. A person, `by-hand`, can be the optimizer model alone.

    Raises:
        MisuseError: for a role that there is not or a person cannot play, or a name that is not one of a model.

    Example:
        >>> lab.Models(target="llama3.2@http://localhost:11434/v1")["target"].endpoint.model
        'llama3.2'
    """

    configs: tuple[ModelConfig, ...]  # in the order of ROLES; without a judge there are two
    ceiling: Ceiling

    def __init__(self, *, ceiling: Ceiling = Ceiling(), **given: ModelConfig | str) -> None:
        for role in given:
            if role not in ROLES:
                raise MisuseError(f"There is no role “{role}”. The roles are: {', '.join(ROLES)}.")
        configs = tuple(
            ModelConfig.of(given.get(role, "practice")) for role in ROLES if role in given or role != "judge"
        )
        if any(config.endpoint.by_hand for config in configs[1:]):
            raise MisuseError(
                gettext_lazy(
                    "A target model answers every example with every prompt, and a judge grades each answer: "
                    "neither can be a person. Take by-hand as optimizer model, and practice or another model in "
                    "the other role."
                )
            )
        if not isinstance(ceiling, Ceiling):
            raise arguments.wrong("ceiling", "a lab.Ceiling, such as lab.Ceiling(calls=500)", ceiling)
        object.__setattr__(self, "configs", configs)
        object.__setattr__(self, "ceiling", ceiling)

    @classmethod
    def single(cls, model: ModelConfig | str, ceiling: Ceiling = Ceiling()) -> Models:
        """Return models of which one both optimizes and answers."""
        return cls(ceiling=ceiling, optimizer=model, target=model)

    def __getitem__(self, role: Role) -> ModelConfig:
        if role not in self:
            raise arguments.wrong("role", f"one of {', '.join(self)}", role)
        return dict(zip(ROLES, self.configs, strict=False))[role]

    def __contains__(self, role: object) -> bool:
        return isinstance(role, str) and role in tuple(self)

    def get(self, role: Role, default: Any = None) -> Any:
        """Return the model in a role, `default` where there is none."""
        return self[role] if role in self else default  # noqa: SIM401  # the mixin's own looks up what has no hash

    def __iter__(self) -> Iterator[Role]:
        return iter(ROLES[: len(self.configs)])

    def __len__(self) -> int:
        return len(self.configs)

    def __repr__(self) -> str:
        given = (f"{role}={config.spec!r}" for role, config in self.items())
        return f"Models({', '.join((*given, f'ceiling={self.ceiling!r}'))})"

    _repr_html_ = as_code

    def using(self, role: Role, model: ModelConfig | str) -> Models:
        """Return these models with another one in a role; one that is only named is asked as the old one was.

        Raises:
            MisuseError: for a role that there is not, or a name that is not one of a model.
        """
        arguments.one_of("role", role, ROLES)
        known = self.get(role, ModelConfig.of("practice"))
        config = replace(known, endpoint=Endpoint.of(model), recorded=False) if isinstance(model, str) else model
        return Models(ceiling=self.ceiling, **{**self, role: config})

    def without_judge(self) -> Models:
        """Return these models for a task that no model grades."""
        return Models(ceiling=self.ceiling, optimizer=self["optimizer"], target=self["target"])

    def with_ceiling(self, ceiling: Ceiling) -> Models:
        """Return these models with another ceiling."""
        return Models(ceiling=ceiling, **{**self})

    @property
    def are_recorded(self) -> bool:
        """Whether a run with these models is a recording."""
        return any(config.recorded for config in self.configs)

    def as_recorded(self, on: bool = True) -> Models:
        """Return these models as those of a recording, or as those of none."""
        given = {role: replace(config, recorded=on) for role, config in self.items()}
        return Models(ceiling=self.ceiling, **given)

    @property
    def answering(self) -> str:
        """Name the target model and how it is asked, and the judge: scores of one name can be compared."""
        judge = self.get("judge")
        return _asked(self["target"]) + ("" if judge is None else f" judged by {_asked(judge)}")

    @property
    def json(self) -> str:
        """Return the models as they are stored."""
        configs = {
            role: {
                "endpoint": config.spec,
                "sampling": asdict(config.sampling),
                "limits": asdict(config.limits),
                **({"recorded": True} if config.recorded else {}),
            }
            for role, config in self.items()
        }
        return json.dumps({**configs, "ceiling": asdict(self.ceiling)})

    @classmethod
    def of_json(cls, stored: str) -> Models:
        """Read what `json` made; what is missing there is as by default.

        Raises:
            MisuseError: when it is something else.
        """
        try:
            content: dict[str, dict[str, Any]] = json.loads(stored)
            ceiling = Ceiling(**content.pop("ceiling", {}))
            return cls(ceiling=ceiling, **{role: _config(**fields) for role, fields in content.items()})
        except (ValueError, TypeError, AttributeError):
            raise arguments.wrong("stored", "the models as their `json` has them", stored) from None


def _asked(config: ModelConfig) -> str:
    """Name a model and how it is asked."""
    how = config.sampling
    numbers = (("temperature", how.temperature), ("max_tokens", how.max_tokens))
    sampling = "".join(f" {name}={value:g}" for name, value in numbers if value is not None)
    stop = f" stop={json.dumps(how.stop)}" if how.stop else ""
    draw = f" draw={how.draw}" if how.draw else ""
    return f"{config.spec}{sampling}{stop}{' forced' if how.forced else ''}{draw}"


def _config(
    endpoint: str, sampling: Mapping[str, Any] = {}, limits: Mapping[str, Any] = {}, recorded: bool = False
) -> ModelConfig:
    how = Sampling(**{**sampling, "stop": tuple(sampling.get("stop", ()))})
    return ModelConfig(Endpoint.of(endpoint), how, Limits(**limits), recorded)
