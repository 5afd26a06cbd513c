"""Which addresses may be called, by whom: a shared page lends nobody the keys or the network of its host."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lab.errors import MisuseError
from lab.i18n import gettext_lazy

if TYPE_CHECKING:
    from lab.models.endpoint import Endpoint

__all__ = ["ANYTHING", "Access", "is_link_local", "refusal"]

_METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200"), ip_address("168.63.129.16")})
_METADATA_NAMES = ("metadata.google.internal", "metadata.goog", "metadata", "instance-data")

IP = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Access:
    """What one person may call.

    On a page of one's own, anything but link-local addresses. On a shared one the models that the host offers, the
    practice model, and where the host allows it one's own endpoints at public addresses. `calls` is how many calls
    of offered models each person may make in all, 0 for as many as they like.
    """

    is_shared: bool = False
    offered: tuple[Endpoint, ...] = ()
    own_endpoints: bool = False
    calls: int = 0

    def check(self, endpoint: Endpoint) -> None:
        """Refuse an endpoint that this person may not call.

        Raises:
            MisuseError: in a sentence that says what may be called.
        """
        if endpoint.in_process or endpoint.by_hand or endpoint in self.offered:
            return
        if (told := literal(endpoint)) is not None and (
            is_link_local(told) or (self.is_shared and not told.is_global)
        ):
            raise MisuseError(refusal(endpoint.host))
        if (urlsplit(endpoint.base_url).hostname or "").rstrip(".") in _METADATA_NAMES:
            raise MisuseError(refusal(endpoint.host))
        if self.is_shared and not self.own_endpoints:
            raise MisuseError(_not_offered(endpoint.host, ", ".join(one.spec for one in self.offered)))
        if self.is_shared and (endpoint.is_local):
            raise MisuseError(refusal(endpoint.host))

    def lends_key(self, endpoint: Endpoint) -> bool:
        """Return whether the key of the environment may be used: on a shared page for what is offered alone."""
        return not self.is_shared or endpoint in self.offered

    def only_public(self, endpoint: Endpoint) -> bool:
        """Return whether a name must lead to a public address."""
        return self.is_shared and endpoint not in self.offered


ANYTHING = Access()


def literal(endpoint: Endpoint) -> IP | None:
    """Return the address that a host is written as, in whatever form; None for a name. Nothing is looked up."""
    host = (urlsplit(endpoint.base_url).hostname or "").partition("%")[0]
    try:
        found = ip_address(host)
    except ValueError:
        try:
            found = IPv4Address(socket.inet_aton(host))  # 2852039166, 0xa9fea9fe and 169.254.43518 are addresses
        except OSError:
            return None
    return getattr(found, "ipv4_mapped", None) or found


def is_link_local(address: IP) -> bool:
    """Return whether an address is of the network's own, where clouds keep the secrets of a machine."""
    return address.is_link_local or address in _METADATA


def refusal(host: str) -> str:
    """Say that a host is not called, and why."""
    return gettext_lazy(
        "{host} is an address that this lab does not call: it is link-local, or not a public one.", host=host
    )


def _not_offered(host: str, offered: str) -> str:
    if not offered:
        return gettext_lazy(
            "This page is shared, and {host} is not offered on it. Choose the practice model.", host=host
        )
    return gettext_lazy(
        "This page is shared, and {host} is not offered on it. Choose the practice model or one of: {offered}.",
        host=host, offered=offered,
    )  # fmt: skip
