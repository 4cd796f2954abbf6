"""A tiny real proxy on loopback: it passes on http and opens tunnels, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field

from .loopback import LoopbackServer


@dataclass
class ProxySite(LoopbackServer):
    """Takes every name for 127.0.0.1. ``answers``: what it says to every request instead of passing it on."""

    answers: bytes | None = None
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.port}"

    def _converse(self, sock: socket.socket, _number: int) -> None:
        with contextlib.suppress(OSError), sock as client:
            while (head := _head(client)) is not None:
                line, *rest = head.decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
                self.requests.append((line, headers))
                if self.answers is not None:
                    client.sendall(self.answers)
                elif line.startswith("CONNECT "):
                    self._tunnel(client, line.split(" ")[1])
                    return
                else:
                    self._pass_on(client, line, rest)

    def _tunnel(self, client: socket.socket, where: str) -> None:
        with self._to(where.rpartition(":")[2]) as site:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(site, client), daemon=True)
            back.start()
            _pump(client, site)
            back.join()

    def _pass_on(self, client: socket.socket, line: str, headers: list[str]) -> None:
        """One request over a connection of its own, up to the site's hanging up."""
        method, url, version = line.split(" ")
        authority, _, path = url.removeprefix("http://").partition("/")
        kept = [one for one in headers if not one.lower().startswith(("proxy-", "connection"))]
        with self._to(authority.rpartition(":")[2]) as site:
            site.sendall("\r\n".join([f"{method} /{path} {version}", *kept, "Connection: close", "", ""]).encode())
            left = _length("\r\n".join(headers).encode())
            while left:
                data = client.recv(min(left, 65536))
                left -= len(data)
                site.sendall(data)
            answer = b""
            while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < _length(answer):
                data = site.recv(65536)
                if not data:
                    break
                answer += data
            client.sendall(answer)

    def _to(self, port: str) -> socket.socket:
        site = socket.create_connection(("127.0.0.1", int(port)))
        self._open.append(site)
        return site


def _head(sock: socket.socket) -> bytes | None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        data = sock.recv(1)
        if not data:
            return None
        head += data
    return head.removesuffix(b"\r\n\r\n")


def _length(answer: bytes) -> int:
    for line in answer.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
