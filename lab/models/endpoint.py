"""Where a model answers: a name, an address, and how a person writes both in one word."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.practice import MODELS

__all__ = ["BY_HAND", "GGUF_URL", "OPENAI_URL", "PRACTICE_URL", "Endpoint"]

# The number rises when the practice model learns to answer otherwise, so that no stored reply of an older one is
# taken for its own.
PRACTICE_URL = "http://practice-2.local/v1"
OPENAI_URL = "https://api.openai.com/v1"
BY_HAND = "by-hand"
BY_HAND_URL = "http://by-hand.local/v1"  # stands for a person, whom no server asks
GGUF_URL = "http://gguf.local/v1"  # stands for the child process of a file, whose port is another each time

_MODEL_AT_URL = re.compile(r"(?P<model>.+?)@(?P<url>[a-zA-Z][a-zA-Z0-9+.-]*://.*)")
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://.*|localhost(:\d+)?(/.*)?|[\w.-]+:\d+/.*")
_API_VERSION = re.compile(r"api-version=[\w.-]{1,40}")  # of classic Azure; names a version, and nothing else
_GGUF = re.compile(r"(?P<form>gguf|gguf-plain):(?P<path>.+)")
_URL_WITHOUT_SCHEME = re.compile(r".+@(localhost|[\w.-]+:\d+)(/.*)?")


@dataclass(frozen=True)
class Address:
    """An address in the parts that are sent: classic Azure wants its version behind each path."""

    url: str
    query: Mapping[str, str]

    @property
    def is_azure(self) -> bool:
        """Whether the key goes into a header `api-key`."""
        return bool(self.query) or "/openai/deployments/" in self.url

    def of(self, path: str) -> str:
        """Return the address of a path under this one."""
        return f"{self.url}{path}" + "".join(f"?{name}={value}" for name, value in self.query.items())


@dataclass(frozen=True)
class Endpoint:
    """A model at an OpenAI-compatible address; it never holds a key."""

    model: str
    base_url: str

    @classmethod
    def of(cls, spec: str) -> Endpoint:
        """Read `practice` (or one of its personalities), `by-hand`, `MODEL`, `MODEL@URL` or `gguf:PATH`.

        `MODEL` alone is asked at the environment's address. `gguf-plain:PATH` is a file whose model was never
        taught to chat.

        Raises:
            MisuseError: when no model is named or the address cannot be used.
        """
        spec = spec.strip()
        if not spec:
            raise MisuseError(gettext_lazy("No model is named. Write practice, MODEL or MODEL@URL."))
        if not spec.isprintable():
            raise MisuseError(
                gettext_lazy("The model's name holds a character that cannot be shown. Write it again.")
            )
        if found := _GGUF.fullmatch(spec):
            return cls(f"{found['form']}:{Path(found['path'].strip()).expanduser().absolute()}", GGUF_URL)
        if found := _MODEL_AT_URL.fullmatch(spec):
            return cls(found["model"].strip(), _checked(found["url"]))
        _refuse_half_addresses(spec)
        if spec == BY_HAND:
            return cls(spec, BY_HAND_URL)
        return cls(spec, PRACTICE_URL if spec in MODELS else _keyed_url())

    @property
    def is_keyed(self) -> bool:
        """True for the one address that OPENAI_API_KEY is for: OPENAI_BASE_URL, else OpenAI's own."""
        return self.base_url == _keyed_url()

    @property
    def environments_key(self) -> str:
        """OPENAI_API_KEY where it is for this address, else ""."""
        return os.environ.get("OPENAI_API_KEY", "").strip() if self.is_keyed else ""

    @property
    def spec(self) -> str:
        """The string that names this endpoint again, whatever the environment says by then."""
        return self.model if self.in_process or self.by_hand or self.file else f"{self.model}@{self.base_url}"

    @property
    def name(self) -> str:
        """What people are shown; a simulated model always says so."""
        if self.file:
            return gettext_lazy("{file}, a file on this machine", file=self.file.name)
        if self.by_hand:
            return gettext_lazy("by hand (you write the replies)")
        if self.is_simulated:
            return gettext_lazy("{model} (simulated)", model=self.model)
        return gettext_lazy("{model} at {host}", model=self.model, host=self.host)

    @property
    def address(self) -> Address:
        """The address as it is called."""
        url, _, query = self.base_url.partition("?")
        return Address(url, dict(parse_qsl(query)))

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def in_process(self) -> bool:
        """True for the built-in practice model, which needs no network."""
        return self.base_url == PRACTICE_URL

    @property
    def by_hand(self) -> bool:
        """True where a person writes the replies, and no server is asked."""
        return self.base_url == BY_HAND_URL

    @property
    def file(self) -> Path | None:
        """The GGUF file that the lab serves itself; None for all other models."""
        found = _GGUF.fullmatch(self.model) if self.base_url == GGUF_URL else None
        return Path(found["path"]) if found else None

    @property
    def is_plain(self) -> bool:
        """True for a file that is sent its text as it stands, without a chat template."""
        return self.file is not None and self.model.startswith("gguf-plain:")

    @property
    def is_simulated(self) -> bool:
        """True for the practice model, also where its own server answers over the network."""
        return self.model in MODELS

    @property
    def is_local(self) -> bool:
        """True where nothing leaves this machine: in process or a loopback address."""
        host = urlsplit(self.base_url).hostname or ""
        if self.in_process or self.by_hand or self.file or host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or address.is_unspecified


def _refuse_half_addresses(spec: str) -> None:
    if _URL_WITHOUT_SCHEME.fullmatch(spec):
        raise MisuseError(gettext_lazy("The model's address lacks http:// or https://. Write MODEL@URL."))
    if "@" in spec:  # not repeated: it may hold a secret
        raise MisuseError(
            gettext_lazy(
                "The model holds an @ but is not MODEL@URL. Write, for example, llama3.2@http://localhost:11434/v1."
            )
        )
    if _ADDRESS.fullmatch(spec):
        raise MisuseError(
            gettext_lazy(
                "That is an address without a model. Write MODEL@URL, with the model's name as the server has it."
            )
        )


def _keyed_url() -> str:
    return _checked(os.environ.get("OPENAI_BASE_URL", "").strip() or OPENAI_URL)


def _checked(url: str) -> str:
    """Return the address in one spelling, so that it is one key of the cache; its text may hold a secret."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"\s", parts.geturl()):
        raise MisuseError(
            gettext_lazy("The model's address is not valid. It should look like http://localhost:8000/v1.")
        )
    is_asking = bool(parts.query) and not _API_VERSION.fullmatch(parts.query)
    if parts.username is not None or parts.password is not None or is_asking or parts.fragment:
        raise MisuseError(
            gettext_lazy(
                "The model's address holds a user name, a password or a query, and would be stored "
                "in the lab book. Leave these out, and give the key in OPENAI_API_KEY. Only Azure's "
                "?api-version=... may stay."
            )
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")  # pasted from an example call
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=path).geturl()
