"""What one request asks for, and which header fields it takes to each address on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.credentials import Credentials
from shared.http.cookies import ChainCookies, cookie_header
from shared.http.decoding import ACCEPT_ENCODING
from shared.http.response import Validators
from shared.urls import same_site
from shared.webaddress import DEFAULT_PORTS, WebAddress

REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAME_AGAIN = frozenset({307, 308})
# The caller's headers that may follow a redirect to another origin; all others could carry a secret.
HARMLESS_HEADERS = frozenset({"accept", "accept-language", "content-type", "user-agent"})


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of one address after the other, until one does not redirect."""

    first: WebAddress
    user_agent: str
    max_bytes: int
    method: str = "GET"
    body: bytes | None = None
    redirects: frozenset[int] = REDIRECTS
    headers: Mapping[str, str] = field(default_factory=dict)
    conditional: Validators | None = None
    credentials: Credentials | None = None

    def credentials_go_to(self, address: WebAddress) -> bool | None:
        """Whether ``address`` gets the credentials; ``None`` when there are none."""
        return self.credentials.are_for(address) if self.credentials is not None else None

    def fields(self, address: WebAddress, cookies: ChainCookies) -> dict[str, str]:
        """The header fields for ``address``. The caller's go before our own, the credentials before both."""
        fields = {
            "Host": address.authority,
            "User-Agent": self.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": ACCEPT_ENCODING,
            "Connection": "keep-alive",
        }
        at_home = address.origin == self.first.origin
        _put(fields, {n: v for n, v in self.headers.items() if at_home or n.lower() in HARMLESS_HEADERS})
        if self.conditional is not None and (at_home or within_site(self.first, address)):
            fields.update(self.conditional.headers())
        own = cookies.for_address(address)
        if self.credentials is not None and self.credentials.are_for(address):
            _put(fields, self.credentials.fields())
            own = {name: value.get_secret_value() for name, value in self.credentials.cookies.items()} | own
        if (cookie := cookie_header(own)) is not None:
            _put(fields, {"Cookie": cookie})
        return fields


def _put(fields: dict[str, str], more: Mapping[str, str]) -> None:
    there = {name.lower(): name for name in fields}
    for name, value in more.items():
        fields[there.get(name.lower(), name)] = value


def within_site(first: WebAddress, address: WebAddress) -> bool:
    """From http to https, or to www.: still the site that the validators came from. A feed that always redirects
    there would otherwise never be answered with 304.
    """
    usual_ports = all(one.port == DEFAULT_PORTS[one.scheme] for one in (first, address))
    return usual_ports and same_site(str(first), str(address))
