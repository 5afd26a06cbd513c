"""Keys of endpoints: held in memory or taken from the environment, never written anywhere."""

from __future__ import annotations

import os

from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.access import ANYTHING, Access
from lab.models.endpoint import Endpoint

__all__ = ["SHORTEST_SECRET", "Keys", "checked"]

# "none", "EMPTY", "ollama": words that servers without keys are sent, and that replies may hold.
SHORTEST_SECRET = 8
_THE_KEY = gettext_lazy("The key")


class Keys:
    """The keys of one person, each for one address and sent to no other.

    The environment's OPENAI_API_KEY is for OPENAI_BASE_URL (else OpenAI's own address) alone: anyone may have
    typed another address into a page.
    """

    def __init__(self, access: Access = ANYTHING) -> None:
        self.access = access
        self._by_url: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Keys(of {len(self._by_url)} addresses)"

    def __getstate__(self) -> dict[str, object]:
        """Leave the keys out of every copy and pickle."""
        return {"access": self.access, "_by_url": {}}

    def hold(self, base_url: str, key: str) -> None:
        """Hold a key for an address; an empty one lets go of what was held.

        Raises:
            MisuseError: when it holds a character that no key has.
        """
        if key := checked(key.strip()):
            self._by_url[base_url] = key
        else:
            self._by_url.pop(base_url, None)

    def there(self, endpoint: Endpoint) -> tuple[bool, bool]:
        """Return whether a key of an address is held for this person, and whether the environment has one."""
        environment = self._environments(endpoint)
        try:
            key = self.of(endpoint)
        except MisuseError:
            return False, False
        return bool(key) and key != environment, bool(environment)

    def of(self, endpoint: Endpoint) -> str:
        """Return the key for an endpoint, "" where none is needed.

        Raises:
            MisuseError: when the endpoint is the environment's, on another machine, and has no key; or when this
                person may not call it.
        """
        self.access.check(endpoint)
        if endpoint.in_process or endpoint.by_hand:
            return ""
        if held := self._by_url.get(endpoint.base_url):
            return held
        if not endpoint.is_keyed:
            return ""
        key = self._environments(endpoint)
        if not key and not endpoint.is_local:
            raise MisuseError(
                gettext_lazy(
                    "{model} needs a key: enter one in the page, pass connect(..., key=...), or set "
                    "OPENAI_API_KEY (to any word where the server asks for none).",
                    model=endpoint.name,
                )
            )
        return checked(key, "OPENAI_API_KEY")

    def _environments(self, endpoint: Endpoint) -> str:
        return endpoint.environments_key if self.access.lends_key(endpoint) else ""

    def hide(self, text: str) -> str:
        """Cut every key, held or of the environment, out of a text; words too short to be a secret stay."""
        known = {*self._by_url.values(), os.environ.get("OPENAI_API_KEY", "").strip()}
        for key in sorted(known, key=lambda key: (-len(key), key)):  # one may be part of another
            if len(key) >= SHORTEST_SECRET:
                text = text.replace(key, "[key]")
        return text


def checked(key: str, named: str = _THE_KEY) -> str:
    """Return a key that a request can carry.

    Raises:
        MisuseError: when it holds a character that no key has.
    """
    if not (key.isascii() and (not key or key.isprintable())):
        raise MisuseError(
            gettext_lazy("{named} holds a character that no key has. Set it again, without quotes.", named=named)
        )
    return key
