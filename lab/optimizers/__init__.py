"""The optimizers, each a file that reads like its paper's algorithm.

Rule 1: an optimizer is a pure step machine; of the lab it imports `lab.core.asks`, this room, the names of
        errors and placeholders, and what makes a text readable in other languages; it performs no effect.
Rule 2: a phase does not know who wrote what it is told.
Rule 3: all randomness comes from `Context.rng`; nothing that is a set or a dict of sets is ever iterated.
Rule 4: a phase is frozen and made of plain values, because it is what is stored, hashed, shown and resumed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import module_from_spec, spec_from_file_location
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lab.core import codec
from lab.core.asks import By, Phase, Worked
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.optimizers import ape, opro, pe2, protegi
from lab.optimizers.bandits import Arms
from lab.optimizers.settings import Unit, Value, declared
from lab.text import as_code, shortened


@dataclass(frozen=True, repr=False)
class Optimizer:
    """What the lab knows of an optimizer: its name, paper, settings type, phases in order, and how it starts.

    `start` takes a run and, where another optimizer left some, the prompts to begin with instead of the task's own.
    `about` says in a sentence what it does, `suits` when to take it; `presets` are settings by the name of the
    preset, where it has any.
    `compares_by` says of settings what prompts are compared by.

    Example:
        >>> from lab.optimizers import optimizer
        >>> optimizer("protegi")
        Optimizer('protegi', ProTeGi, 9 phases)
    """

    name: str
    title: str
    paper: str
    settings: type[Any]
    phases: tuple[type[Any], ...]
    start: Callable[..., Phase]
    about: str = ""
    suits: str = ""
    presets: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    compares_by: Callable[[Any], By] = lambda settings: "answers"

    def __repr__(self) -> str:
        return f"Optimizer({self.name!r}, {self.title}, {len(self.phases)} phases)"

    _repr_html_ = as_code

    def reaches(self, phase: type[Any], settings: Any = None) -> bool:
        """Return whether a run may reach a phase; one that only some settings lead to says which: `applies`."""
        applies = getattr(phase, "applies", None)
        return applies is None or (settings is not None and bool(applies(settings)))

    def longest_run(self, settings: Any) -> Any:
        """Return the settings with what may end a run early off."""
        declares = declared(self.settings).items()
        return replace(settings, **{name: one.never for name, one in declares if one.never is not None})

    def longest_prompt(self, settings: Any) -> dict[Unit, int]:
        """Return the most words and characters of a prompt that is written, where settings limit them."""
        limits = {
            one.limits: getattr(settings, name) for name, one in declared(self.settings).items() if one.limits
        }
        return {unit: most for unit, most in limits.items() if most}

    @property
    def pauses(self) -> tuple[str, ...]:
        """The phases, by name, at which a person is waited for unless one says otherwise."""
        return tuple(phase.__name__ for phase in self.phases if not phase.passes)

    def phases_called(self, name: str) -> tuple[str, ...]:
        """Return the phases that a person means: by what they show, their title, the paper's word, or their name.

        Raises:
            MisuseError: when nothing here is called so.
        """
        meant = name.strip().casefold()
        found = tuple(
            phase.__name__
            for phase in self.phases
            if meant in {word.casefold() for word in (phase.__name__, phase.title, phase.term, shown(phase))}
        )
        if not found:
            words = dict.fromkeys(filter(None, (*map(shown, self.phases), *(one.__name__ for one in self.phases))))
            raise MisuseError(gettext_lazy(
                "{optimizer} has nothing called “{name}”. It has: {words}.",
                optimizer=self.title, name=shortened(name, 40), words=", ".join(words),
            ))  # fmt: skip
        return found

    def configure(self, preset: str = "", **given: object) -> Any:
        """Make settings from the defaults, a preset, and what is given, as text or numbers.

        Raises:
            MisuseError: for an unknown preset or name, a value that is not of its kind, or one out of range.
        """
        if preset and preset not in self.presets:
            raise MisuseError(gettext_lazy(
                "{optimizer} has no preset “{preset}”. It has: {presets}.",
                optimizer=self.title, preset=preset, presets=", ".join(self.presets) or gettext_lazy("none"),
            ))  # fmt: skip
        given, known = {**self.presets.get(preset, {}), **given}, declared(self.settings)
        for name in given:
            if name not in known:
                raise MisuseError(gettext_lazy(
                    "{optimizer} has no setting “{name}”. It has: {settings}.",
                    optimizer=self.title, name=name, settings=", ".join(known),
                ))  # fmt: skip
        return self.settings(**{name: known[name].parse(name, value) for name, value in given.items()})


# Grows by `register` alone: what runs once before a face is made, never while one works.
_known: dict[str, Optimizer] = {
    "ape": Optimizer(
        name="ape",
        title="APE",
        paper="Zhou et al. 2023, Large Language Models Are Human-Level Prompt Engineers",
        settings=ape.Settings,
        phases=ape.PHASES,
        start=ape.start,
        about=gettext_lazy(
            "Guesses instructions from examples alone, measures them in stages, and rewords the best."
        ),
        suits=gettext_lazy("You have examples and no prompt yet."),
        presets=MappingProxyType(ape.PRESETS),
        compares_by=attrgetter("score"),
    ),
    "protegi": Optimizer(
        name="protegi",
        title="ProTeGi",
        paper="Pryzant et al. 2023, Automatic Prompt Optimization with “Gradient Descent” and Beam Search",
        settings=protegi.Settings,
        phases=protegi.PHASES,
        start=protegi.start,
        about=gettext_lazy(
            "Criticises the errors of a prompt, edits it against each critique, and keeps what measures best."
        ),
        suits=gettext_lazy("You have a prompt, and want to see and steer why it changes."),
        presets=MappingProxyType(protegi.PRESETS),
        compares_by=attrgetter("score"),
    ),
    "opro": Optimizer(
        name="opro",
        title="OPRO",
        paper="Yang et al. 2024, Large Language Models as Optimizers",
        settings=opro.Settings,
        phases=opro.PHASES,
        start=opro.start,
        about=gettext_lazy(
            "Shows a model the best instructions so far with their scores, and asks for better ones."
        ),
        suits=gettext_lazy("A short instruction is all that may change; scores guide it."),
        presets=MappingProxyType(opro.PRESETS),
    ),
    "pe2": Optimizer(
        name="pe2",
        title="PE2",
        paper="Ye et al. 2024, Prompt Engineering a Prompt Engineer",
        settings=pe2.Settings,
        phases=pe2.PHASES,
        start=pe2.start,
        about=gettext_lazy(
            "Has a model reason over failures one by one, under a careful meta-prompt, and rewrite after it."
        ),
        suits=gettext_lazy("The optimizer model is strong, and errors need thinking over."),
        presets=MappingProxyType(pe2.PRESETS),
    ),
}
OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(_known)
_OF_THE_LAB = frozenset(_known)
_registered: list[str] = []  # what was registered, in that order


def shown(phase: type[Any]) -> str:
    """Return in a word what the items of a phase are; "" where it does not say."""
    return str(getattr(phase, "shows", ""))


def example(phase: type[Any]) -> Worked | None:
    """Return the tiny example of what goes into a phase and what comes out of it; None where it has none."""
    found: Worked | None = getattr(phase, "example", None)
    return found


def optimizer(name: str) -> Optimizer:
    """Return an optimizer by name.

    Raises:
        MisuseError: when there is none of that name.
    """
    if name not in OPTIMIZERS:
        raise MisuseError(
            gettext_lazy(
                "There is no optimizer “{name}”. Choose one of: {names}.", name=name, names=", ".join(OPTIMIZERS)
            )
        )
    return OPTIMIZERS[name]


def register(own: Optimizer) -> None:
    """Add an optimizer of your own: from here on the lab, its faces and its books know it by its name.

    One of yours that has the name already is replaced, so that a cell or a file can be run again.

    Raises:
        MisuseError: when the name is not a plain word or is one of the lab's own, or a setting is not declared.
    """
    if not own.name.isidentifier():
        raise MisuseError(f"“{own.name}” cannot name an optimizer. Use letters, digits and “_” only.")
    if own.name in _OF_THE_LAB:
        raise MisuseError(f"There is an optimizer “{own.name}” already. Register yours by another name.")
    declared(own.settings)
    _known[own.name] = own
    _registered.append(own.name)
    _store(own)


def unregister(name: str) -> None:
    """Take an optimizer of your own back; what books hold of it can then not be read.

    Raises:
        MisuseError: when there is none of that name.
    """
    kind = optimizer(name)
    del _known[name]
    for one in (*kind.phases, kind.settings):
        codec.forget(f"{name}.{one.__name__}")


def _store(kind: Optimizer) -> None:
    """Make the phases and settings of an optimizer known to the codec, by its name and theirs."""
    for one in kind.phases:
        codec.register(f"{kind.name}.{one.__name__}", one)
    before = {name: one.before for name, one in declared(kind.settings).items() if one.before is not None}
    codec.register(f"{kind.name}.{kind.settings.__name__}", kind.settings, added=before)


def load(path: str | Path) -> tuple[str, ...]:
    """Run a Python file that registers optimizers of its own, and return their names; it may do what you may do.

    Raises:
        MisuseError: when there is no such file, it fails, or it registers nothing.
    """
    file, before = Path(path), len(_registered)
    spec = spec_from_file_location(file.stem, file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise MisuseError(f"There is no Python file “{path}” to take an optimizer from. Give the path of one.")
    was = sys.modules.get(file.stem)
    if was is not None and Path(getattr(was, "__file__", None) or "").absolute() != file.absolute():
        raise MisuseError(f"Python has a module “{file.stem}” already. Give “{file.name}” another name.")
    sys.modules[file.stem] = module = module_from_spec(spec)  # where dataclasses look up their annotations
    try:
        spec.loader.exec_module(module)
        if len(_registered) == before:
            raise MisuseError(f"“{file.name}” registers no optimizer. Let it call lab.register.")
    except Exception as problem:
        del sys.modules[file.stem]
        if isinstance(problem, MisuseError):
            raise
        raise MisuseError(f"“{file.name}” failed: {type(problem).__name__}: {problem}. Fix it.") from problem
    return tuple(dict.fromkeys(_registered[before:]))


codec.register("Arms", Arms)
for _kind in _known.values():
    _store(_kind)
