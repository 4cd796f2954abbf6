"""Small real web servers on loopback, scripted by each test, and clients that may ask them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import BinaryIO

import pytest

from shared.http import GuardedClient, Resolver
from shared.settings import Settings

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
CERTIFICATE = Path(__file__).parent / "news.test.pem"


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
class Site:
    """A web server that answers each request with the bytes of its script, and hangs up after a `Connection: close`
    or a script that ends in nothing more to say.
    """

    answer: Answer
    listener: socket.socket
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def serve(self) -> None:
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(accepted)
            threading.Thread(target=self._converse, args=(accepted, self.connections), daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

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


Serve = Callable[..., Site]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a site with a script, on ``host``."""
    with contextlib.ExitStack() as stack:

        def start(answer: Answer, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Site:
            listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
            stack.callback(listener.close)
            listener.bind((host, 0))
            listener.listen(600)
            site = Site(answer, listener, tls)
            stack.callback(site.close)
            threading.Thread(target=site.serve, daemon=True).start()
            return site

        yield start


Clients = Callable[..., GuardedClient]


@pytest.fixture
def client_with() -> Iterator[Clients]:
    """A client with settings of the test's choice; loopback is open unless it says otherwise."""
    with contextlib.ExitStack() as stack:

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
            return stack.enter_context(GuardedClient(chosen, **given))  # type: ignore[arg-type]

        yield make


@pytest.fixture
def client(client_with: Clients) -> GuardedClient:
    """A client that may ask loopback."""
    return client_with()
