"""A web address taken apart: once, here, so that no two parts of Wiredesk read the same text differently."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote

import idna

# What is followed may be longer than what is kept: consent pages redirect through enormous addresses.
MAX_ADDRESS = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}

ADDRESS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL)
AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
# What may stand as it is in a path or query: RFC 3986 and the few more that browsers send bare.
_BARE = "%!$&'()*+,;=:@/?|[]-._~"


@dataclass(frozen=True)
class WebAddress:
    """An http or https address, taken apart. ``host`` is lower-case ASCII (IPv6 without brackets); ``path`` and
    ``query`` are ready for the wire, spelt as the site spelt them.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str | None

    @property
    def authority(self) -> str:
        """Host and, where it is not the scheme's own, port: what a Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def target(self) -> str:
        """Path and query."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def web_address(url: str) -> WebAddress:
    """Take ``url`` apart; its fragment is dropped.

    :raises ValueError: with a few words that say why it is no address of the web.
    """
    url = url.strip()
    if len(url) > MAX_ADDRESS:
        raise ValueError(f"an address of more than {MAX_ADDRESS} characters")
    if CONTROL.search(url):
        raise ValueError("control characters in the address")
    match = ADDRESS.fullmatch(url)
    if match is None:
        raise ValueError("not an http or https address")
    scheme, authority, path, query = match[1].lower(), match[2], match[3], match[4]
    if "@" in authority:
        # Hardly ever meant, often a trick (https://good.example@evil.example), and a secret in every log.
        raise ValueError("a user name or password in the address")
    parts = AUTHORITY.fullmatch(authority)
    if parts is None:
        raise ValueError("a host name that cannot be")
    digits = parts[2]
    port = int(digits.lstrip("0")[:6] or "0") if digits else DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        raise ValueError(f"port {port} does not exist")
    address = WebAddress(
        scheme=scheme,
        host=plain_host(parts[1]),
        port=port,
        path=without_dots(_wire(path)) or "/",
        query=_wire(query) if query is not None else None,
    )
    if len(address.target) > MAX_ADDRESS:
        raise ValueError(f"an address of more than {MAX_ADDRESS} characters")
    return address


@lru_cache(maxsize=16_384)
def plain_host(host: str) -> str:
    """A host as it stands in an address, in the one spelling that is resolved, checked and compared: ASCII, lower
    case, no trailing dot, IP addresses in their usual form and without brackets.

    :raises ValueError: in a few words, when it can be no host.
    """
    if host.startswith("["):
        # A zone (fe80::1%eth0) names an interface of this machine.
        try:
            return IPv6Address(host[1:-1] if "%" not in host else "").compressed
        except AddressValueError:
            raise ValueError("a host name that cannot be") from None
    if not host.isascii():
        host = _ascii_host(host)
    host = host.lower().removesuffix(".")
    if not host:
        raise ValueError("no host in the address")
    if len(host) > 253 or _HOST.fullmatch(host) is None:
        raise ValueError("a host name that cannot be")
    return _ipv4(host) or host


def _ascii_host(host: str) -> str:
    """UTS 46 without the registries' rules on top: browsers open ``☃.net``, so feeds link to it."""
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        return ".".join(
            label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
            for label in re.split("[.\u3002\uff0e\uff61]", mapped)
        )
    except (idna.IDNAError, UnicodeError):
        raise ValueError("a host name that cannot be") from None


def _ipv4(host: str) -> str | None:
    """The IPv4 address that browsers and C libraries read in a host ending in a number: ``0x7f.1`` is 127.0.0.1.

    WHATWG URL, "ends in a number" and "IPv4 parser".
    """
    labels = host.split(".")
    if not _NUMBER.fullmatch(labels[-1]):
        return None
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        raise ValueError("a host name that cannot be")
    try:
        *first, last = (_ipv4_number(label) for label in labels)
        return str(IPv4Address(bytes(first) + last.to_bytes(4 - len(first), "big")))
    except (ValueError, OverflowError):
        raise ValueError("a host name that cannot be") from None


def _ipv4_number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)


def _wire(text: str) -> str:
    try:
        return quote(text, safe=_BARE)
    except UnicodeEncodeError:
        raise ValueError("half a character in the address") from None


def without_dots(path: str) -> str:
    """``path`` by RFC 3986 5.2.4, for a path that starts with a slash or is empty."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for number, segment in enumerate(segments):
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
            continue
        if number == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)
