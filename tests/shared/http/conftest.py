"""Small real web servers on loopback, scripted by each test, and clients that may ask them."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import BinaryIO

import pytest

from shared.errors import FetchError
from shared.http import GuardedClient, Resolver
from shared.settings import Settings

from .http2_site import Http2Site, Script
from .loopback import LoopbackServer, trusting

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True)
class Request:
    """What a site was asked."""

    target: str
    headers: dict[str, str]
    connection: int
    method: str = "GET"
    body: bytes = b""


Answer = Callable[[Request], bytes | Iterable[bytes]]


@dataclass
class Site(LoopbackServer):
    """A web server that answers each request with the bytes of its script, and hangs up after a `Connection: close`
    or a script that ends in nothing more to say.
    """

    answer: Answer
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def _converse(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(sock.close)
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
                stack.callback(sock.close)
            reader = stack.enter_context(sock.makefile("rb"))
            while (request := _read(reader, number)) is not None:
                self.requests.append(request)
                answer = self.answer(request)
                for piece in [answer] if isinstance(answer, bytes) else answer:
                    if not piece:
                        return
                    sock.sendall(piece)


def _read(reader: BinaryIO, number: int) -> Request | None:
    lines: list[str] = []
    while (line := reader.readline()) != b"\r\n":
        if not line:
            return None
        lines.append(line.decode().rstrip("\r\n"))
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    method, target, _ = lines[0].split(" ")
    body = reader.read(int(headers.get("content-length", 0)))
    return Request(target=target, headers=headers, connection=number, method=method, body=body)


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole, well-formed answer; header names are written with underscores."""
    fields = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Some Words\r\n{head}\r\n".encode() + body


@pytest.fixture
def ends() -> Iterator[contextlib.ExitStack]:
    """What is to be done when the test is over."""
    with contextlib.ExitStack() as stack:
        yield stack


Serve = Callable[..., Site]


@pytest.fixture
def serve(ends: contextlib.ExitStack) -> Serve:
    """Start a site with a script, on ``host``."""

    def start(answer: Answer, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Site:
        return ends.enter_context(contextlib.closing(Site(answer, tls, host=host)))

    return start


ServeHttp2 = Callable[[Script], Http2Site]


@pytest.fixture
def serve_http2(ends: contextlib.ExitStack) -> ServeHttp2:
    """Start a site of HTTP/2 with a script."""
    return lambda script: ends.enter_context(contextlib.closing(Http2Site(script)))


Clients = Callable[..., GuardedClient]


@pytest.fixture
def client_with(ends: contextlib.ExitStack) -> Clients:
    """A client with settings of the test's choice; loopback is open unless it says otherwise."""

    def make(
        *,
        resolver: Resolver | None = None,
        clock: Callable[[], float] | None = None,
        tls: ssl.SSLContext | None = None,
        **settings: object,
    ) -> GuardedClient:
        chosen = Settings.model_validate({"allowed_networks": LOOPBACK, **settings})
        means: dict[str, object] = {"resolver": resolver, "clock": clock, "tls": tls}
        given = {name: value for name, value in means.items() if value is not None}
        return ends.enter_context(GuardedClient(chosen, **given))  # type: ignore[arg-type]  # what the test says

    return make


@pytest.fixture
def client(client_with: Clients) -> GuardedClient:
    """A client that may ask loopback."""
    return client_with()


Https = Callable[..., GuardedClient]


@pytest.fixture
def https(client_with: Clients) -> Https:
    """A client with settings of the test's choice that finds ``news.test`` here and trusts its certificate."""

    def make(**settings: object) -> GuardedClient:
        return client_with(resolver=lambda _: ["127.0.0.1"], tls=trusting(), **settings)

    return make


def failure(client: GuardedClient, url: str, *, max_bytes: int = 1000, **arguments: object) -> FetchError:
    """The error, which is one line, in which a GET ends."""
    with pytest.raises(FetchError) as caught:
        client.get(url, max_bytes=max_bytes, **arguments)  # type: ignore[arg-type]  # what the test says
    assert "\n" not in str(caught.value)
    return caught.value
