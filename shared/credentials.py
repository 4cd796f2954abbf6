"""What an operator lets a feed's requests carry: header fields, cookies, a user's name and password. All of it secret,
all of it for one origin.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from pydantic import SecretStr

from shared.webaddress import ADDRESS, DEFAULT_PORTS, WebAddress, web_address

Origin = tuple[str, str, int]

MAX_VALUE = 8192
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_FIELD_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
# RFC 6265 4.1.1: neither white space nor comma, semicolon, backslash; quotes around all of it.
_COOKIE_VALUE = re.compile(r"[\x21-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
# What frames a message, belongs to a connection, or is the client's own to say.
_CLOSED = """
accept-encoding connection content-encoding content-length content-type expect host http2-settings if-match
if-modified-since if-none-match if-range if-unmodified-since keep-alive max-forwards proxy-authenticate
proxy-authorization proxy-connection range te trailer transfer-encoding upgrade via
"""
_CLOSED_HEADERS = frozenset(_CLOSED.split())
# A name and password before a host, whatever is before them and whether or not the rest is an address.
_USERINFO = re.compile(r"^(\s*[a-z][a-z0-9+.-]*://)[^/?#\s]*@|^(?!mailto:)[^/?#\s:@]+:[^/?#\s]*@", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Sent with requests to ``origin``, and to no other; values never show in a repr."""

    origin: Origin
    headers: Mapping[str, SecretStr] = field(default_factory=dict)
    cookies: Mapping[str, SecretStr] = field(default_factory=dict)
    username: SecretStr | None = None
    password: SecretStr | None = None

    def are_for(self, address: WebAddress) -> bool:
        """Whether ``address`` is of their origin, or of the same host with TLS: where they were meant for http, nobody
        else reads them there.
        """
        if address.origin == self.origin:
            return True
        scheme, host, port = self.origin
        with_tls = ("https", host, DEFAULT_PORTS["https"])
        return (scheme, port) == ("http", DEFAULT_PORTS["http"]) and address.origin == with_tls

    def fields(self) -> dict[str, str]:
        """The header fields, cookies aside, in the clear."""
        fields = {name: value.get_secret_value() for name, value in self.headers.items()}
        if self.username is not None:
            fields = {name: value for name, value in fields.items() if name.lower() != "authorization"}
            fields["Authorization"] = basic(self.username, self.password)
        return fields


def basic(username: SecretStr, password: SecretStr | None) -> str:
    """The value of a (Proxy-)Authorization field (RFC 7617), in the clear."""
    pair = f"{username.get_secret_value()}:{password.get_secret_value() if password is not None else ''}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def origin_text(origin: Origin) -> str:
    """An origin as people write it."""
    scheme, host, port = origin
    return f"{scheme}://{WebAddress(scheme, host, port, '', None).authority}"


def read_origin(text: str) -> Origin:
    """The origin of an address."""
    return web_address(text).origin


def read_header(text: str) -> tuple[str, SecretStr]:
    """``Name: value``, for a header field that a feed's requests may carry.

    :raises ValueError: saying why it may not, without the value.
    """
    name, colon, value = (part.strip(" \t") for part in text.partition(":"))
    if not colon or _TOKEN.fullmatch(name) is None:
        raise ValueError("a header is written as 'Name: value'")
    if name.lower() in _CLOSED_HEADERS:
        raise ValueError(f"the header {name} is the client's own to send")
    if name.lower() == "cookie":
        raise ValueError("cookies are set one by one, with --cookie NAME=VALUE")
    if len(value) > MAX_VALUE or _FIELD_VALUE.fullmatch(value) is None:
        raise ValueError(f"the header {name} needs a value of printable ASCII on one line")
    return name, SecretStr(value)


def read_cookie(text: str) -> tuple[str, SecretStr]:
    """``NAME=VALUE``, for a cookie that a feed's requests may carry.

    :raises ValueError: saying why it may not, without the value.
    """
    name, equals, value = (part.strip(" \t") for part in text.partition("="))
    if not equals or _TOKEN.fullmatch(name) is None:
        raise ValueError("a cookie is written as NAME=VALUE")
    if len(value) > MAX_VALUE or _COOKIE_VALUE.fullmatch(value) is None:
        raise ValueError(f"the value of the cookie {name} holds what no cookie can")
    return name, SecretStr(value)


def check_user(username: SecretStr, password: SecretStr | None) -> None:
    """Whether the two can be sent as basic authentication.

    :raises ValueError: saying why not, without the password.
    """
    name = username.get_secret_value()
    if not name or ":" in name:
        raise ValueError("a user name is not empty and has no colon in it (RFC 7617)")
    both = name + (password.get_secret_value() if password is not None else "")
    if len(both) > MAX_VALUE or not both.isprintable():
        raise ValueError("user name and password are printable text on one line")


@dataclass(frozen=True)
class Userinfo:
    """The name and the password that stood in an address."""

    username: SecretStr
    password: SecretStr


def split_userinfo(url: str) -> tuple[str, Userinfo | None]:
    """``url`` without the name and password in it, and those.

    :raises ValueError: when there are some that cannot be sent; without them in its words.
    """
    parts = _around_userinfo(url)
    if parts is None:
        return url, None
    before, userinfo, after = parts
    name, _, password = userinfo.partition(":")
    found = Userinfo(SecretStr(unquote(name)), SecretStr(unquote(password)))
    check_user(found.username, found.password)
    return before + after, found


def without_userinfo(url: str | None) -> str | None:
    """``url`` without the name and password in it."""
    parts = _around_userinfo(url) if url is not None else None
    return url if parts is None else parts[0] + parts[2]


def shown(text: str) -> str:
    """``text``, which may be an address or anything else, short and with the name and password in it masked."""
    parts = _around_userinfo(text)
    return (_USERINFO.sub(r"\1***@", text) if parts is None else f"{parts[0]}***@{parts[2]}")[:200]


def _around_userinfo(url: str) -> tuple[str, str, str] | None:
    match = ADDRESS.match(url.strip())
    if match is None or "@" not in match[2]:
        return None
    userinfo = match[2].rpartition("@")[0]
    start = match.start(2)
    return url.strip()[:start], userinfo, url.strip()[start + len(userinfo) + 1 :]
