"""What the lab says, in the language of who reads it: English in the code, other languages in catalogs (gettext).

`lab/locale/lab.pot` lists every text, `lab/locale/zh/LC_MESSAGES/lab.po` has them in Chinese. Views and faces call
`gettext` and `ngettext`, which return the text in the current language; the rooms below, which know no
reader, return a `Message`, which is read in the language of who it is shown to, and kept and logged in English.
"""

from __future__ import annotations

import gettext as catalogs
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, reduce
from pathlib import Path
from types import MappingProxyType
from typing import Any, SupportsIndex

LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "zh": "简体中文"})  # each by its own name

_DOMAIN = "lab"
_FOLDER = Path(__file__).parent / "locale"
_ENGLISH = catalogs.NullTranslations()
_catalog: ContextVar[catalogs.NullTranslations] = ContextVar("catalog", default=_ENGLISH)
_language: ContextVar[str] = ContextVar("language", default="en")


def gettext(message: str, /, **values: object) -> str:
    """Return a text in the current language, its {fields} filled with `values`.

    Example:
        >>> gettext("Keep {name} and go on", name="P3")
        'Keep P3 and go on'
    """
    text = _catalog.get().gettext(message)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Return a text about `n` things in the current language; {n} in it is that number.

    Example:
        >>> ngettext("{n} error", "{n} errors", 1200)
        '1,200 errors'
    """
    return _catalog.get().ngettext(one, many, n).format(n=f"{n:,}", **values)


class Message(str):
    """A text that is read in the current language; what is kept of it, compared or sent as data is English.

    Only `str`, a format (an f-string), a slice, `lower` and `+` read it. `join` takes it as it is kept: join
    `map(str, messages)`.
    """

    __slots__ = ("_many", "_n", "_template", "_values")

    _template: str
    _many: str
    _n: int | None
    _values: Mapping[str, object]

    def __new__(
        cls, template: str, many: str = "", n: int | None = None, values: Mapping[str, object] | None = None
    ) -> Message:
        """Make a message of a template, of two where it is about `n` things."""
        given = values or {}
        made = super().__new__(cls, _in_english(template, many, n, given))
        made._template, made._many, made._n, made._values = template, many, n, given
        return made

    def __str__(self) -> str:
        """Return the text in the current language."""
        if self._n is not None:
            return ngettext(self._template, self._many, self._n, **self._values)
        return gettext(self._template, **self._values)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __reduce__(self) -> tuple[object, ...]:
        return Message, (self._template, self._many, self._n, dict(self._values))

    def __add__(self, other: str) -> str:
        return str(self) + str(other)

    def __radd__(self, other: str) -> str:
        return str(other) + str(self)

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        return str(self)[key]

    def lower(self) -> str:
        """Return the text in small letters."""
        return str(self).lower()

    def filled(self, values: Mapping[str, object]) -> Message:
        """Return the message with its {fields} filled."""
        return Message(self._template, self._many, self._n, values)

    def with_values(self, change: Any) -> Message:
        """Return the message with each text among its values as `change` makes it."""
        given = {name: change(one) if isinstance(one, str) else one for name, one in self._values.items()}
        return Message(self._template, self._many, self._n, given)


def _in_english(template: str, many: str, n: int | None, values: Mapping[str, object]) -> str:
    if _catalog.get() is not _ENGLISH:
        with use("en"):  # what is among the values may be read in the current language, such as an error
            return _in_english(template, many, n, values)
    if n is None:
        return template.format(**values) if values else template
    return (template if n == 1 else many).format(n=f"{n:,}", **values)


def gettext_lazy(message: str, /, **values: object) -> Message:
    """Return a text for whoever will read it, its {fields} filled with `values`, which may be messages.

    Example:
        >>> gettext_lazy("There is no run called {name}.", name="mine")
        'There is no run called mine.'
    """
    return Message(message, values=values)


def ngettext_lazy(one: str, many: str, n: int, /, **values: object) -> Message:
    """Return a text about `n` things for whoever will read it; {n} in it is that number."""
    return Message(one, many, n, values)


def kept(text: str) -> str:
    """Return a text as it is kept: in English.

    Example:
        >>> with use("zh"):
        ...     kept(gettext_lazy("Begin"))
        'Begin'
    """
    return str.__str__(text)


def sentences(first: str, *others: str) -> str:
    """Return sentences as one text, for whoever will read it.

    Example:
        >>> sentences(gettext_lazy("This prompt is empty."), gettext_lazy("Nothing was changed."))
        'This prompt is empty. Nothing was changed.'
    """
    return reduce(lambda before, after: gettext_lazy("{before} {after}", before=before, after=after), others, first)


@contextmanager
def use(language: str, catalog: catalogs.NullTranslations | None = None) -> Iterator[None]:
    """Read texts in a language, within; in English where it is none of `LANGUAGES` and no catalog of it is given.

    Example:
        >>> with use("zh"):
        ...     gettext("Begin")
        '开始'
    """
    known = language if language in LANGUAGES or catalog is not None else "en"
    was = _catalog.set(catalog or _load(known)), _language.set(known)
    try:
        yield
    finally:
        _catalog.reset(was[0])
        _language.reset(was[1])


def current() -> str:
    """Return the current language."""
    return _language.get()


def negotiated(accepted: str) -> str:
    """Return the language among `LANGUAGES` that a browser wants most, by its Accept-Language (RFC 9110, 12.5.4).

    Example:
        >>> negotiated("fr;q=0.9, zh-CN, zh;q=0.8, en;q=0.5")
        'zh'
    """
    wanted: list[tuple[float, str]] = []
    for one in accepted.split(","):
        tag, _, weight = one.partition(";")
        try:
            weighs = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        wanted.append((-weighs, tag.strip().partition("-")[0].lower()))
    known = (tag for weight, tag in sorted(wanted, key=lambda one: one[0]) if tag in LANGUAGES and weight < 0)
    return next(known, "en")


def localized(value: Any) -> Any:
    """Return a value with the messages in it as text in the current language; itself where it holds none."""
    if isinstance(value, Message):
        return str(value)
    if type(value) is dict:
        pairs = {name: localized(one) for name, one in value.items()}
        return pairs if any(pairs[name] is not one for name, one in value.items()) else value
    if type(value) in (list, tuple):
        ones = [localized(one) for one in value]
        return type(value)(ones) if any(a is not b for a, b in zip(ones, value, strict=True)) else value
    return value


@cache
def _load(language: str) -> catalogs.NullTranslations:
    return catalogs.translation(_DOMAIN, _FOLDER, [language]) if language != "en" else _ENGLISH
