"""What the small servers of these tests are made of: a port on loopback, a thread for each connection, TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = Path(__file__).parent / "news.test.pem"


def server_tls() -> ssl.SSLContext:
    """For a server that says it is news.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def trusting() -> ssl.SSLContext:
    """For a client that believes in that server and in no other."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


@dataclass
class LoopbackServer(ABC):
    """Listens from its making until :meth:`close`, which hangs up on everybody."""

    host: str = field(default="127.0.0.1", kw_only=True)
    connections: int = field(default=0, init=False)
    _open: list[socket.socket] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # Hundreds of connections are opened at once by some tests.
        self._listener = socket.create_server((self.host, 0), family=family, backlog=600)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(accepted)
            self.connections += 1
            threading.Thread(target=self._converse, args=(accepted, self.connections), daemon=True).start()

    @abstractmethod
    def _converse(self, sock: socket.socket, number: int) -> None:
        """Serve the connection, the ``number``-th, and close it."""
