"""Cookies that sites set on the way through one request's redirects, and get back before it ends: never later.

Sites that check for cookies redirect to themselves until theirs comes back (RFC 6265, what a request needs of it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.urls import site_of
from shared.webaddress import WebAddress

MOST_COOKIES = 50
MAX_COOKIE = 4096
MAX_HEADER = 16 * 1024
_NAME = re.compile(r"[\x21-\x3a\x3c\x3e-\x7e]+")
_VALUE = re.compile(r"[\x20-\x3a\x3c-\x7e]*")


@dataclass(frozen=True)
class _Cookie:
    value: str
    host_only: bool
    secure: bool


class ChainCookies:
    """The cookies of one request and its redirects; belongs to one thread."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], _Cookie] = {}

    def take(self, set_cookie: str, address: WebAddress) -> None:
        """Remember what a Set-Cookie field of an answer from ``address`` says; what is none is passed over."""
        pair, *attributes = set_cookie.split(";")
        name, equals, value = (part.strip(" \t") for part in pair.partition("="))
        if not equals or len(pair) > MAX_COOKIE or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            return
        said = {key.strip().lower(): text.strip() for key, _, text in (one.partition("=") for one in attributes)}
        domain = said.get("domain", "").lower().removeprefix(".")
        if domain and not _covers(domain, address.host):
            return
        path = said.get("path", "")
        key = (domain or address.host, path if path.startswith("/") else _folder(address.path), name)
        if said.get("max-age", "1").startswith(("0", "-")):
            self._cookies.pop(key, None)
        elif len(self._cookies) < MOST_COOKIES or key in self._cookies:
            self._cookies[key] = _Cookie(value, host_only=not domain, secure="secure" in said)

    def for_address(self, address: WebAddress) -> dict[str, str]:
        """What ``address`` gets back, by name."""
        # The most specific path last, so that it wins.
        fitting = sorted(self._cookies.items(), key=lambda item: len(item[0][1]))
        return {
            name: cookie.value
            for (domain, path, name), cookie in fitting
            if (address.host == domain if cookie.host_only else _under(address.host, domain))
            and (address.scheme == "https" or not cookie.secure)
            and (address.path == path or address.path.startswith(path if path.endswith("/") else f"{path}/"))
        }


def cookie_header(cookies: dict[str, str]) -> str | None:
    """The value of a Cookie field, or ``None`` when there is nothing in it or too much."""
    value = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return value if 0 < len(value) <= MAX_HEADER else None


def _covers(domain: str, host: str) -> bool:
    """Whether ``host`` may speak for ``domain``: a part of its own site, never a public suffix or another address."""
    return _under(host, domain) and (host == domain or _under(domain, site_of(f"http://{host}/")))


def _under(host: str, domain: str) -> bool:
    return host == domain or (host.endswith(f".{domain}") and not host.rpartition(".")[2].isdigit())


def _folder(path: str) -> str:
    """RFC 6265 5.1.4."""
    return path[: path.rfind("/")] or "/"
