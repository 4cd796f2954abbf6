"""A small real HTTP/2 server on loopback, scripted by each test down to its frames."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from .conftest import CERTIFICATE


@dataclass
class Asked:
    """One request, and the connection that it came over."""

    headers: dict[str, str]
    connection: int
    stream: int
    body: bytes
    talk: Talk

    @property
    def path(self) -> str:
        return self.headers[":path"]


@dataclass
class Talk:
    """One connection, as the server sees it. What a test sends by :meth:`raw` may break every rule."""

    sock: ssl.SSLSocket
    h2: h2.connection.H2Connection

    def reply(self, stream: int, body: bytes = b"", status: str = "200", **headers: str) -> None:
        fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.h2.send_headers(stream, [(":status", status), *fields], end_stream=not body)
        self.flush()
        while body:
            size = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if size <= 0:
                self.h2.receive_data(self.sock.recv(65536))
                continue
            self.h2.send_data(stream, body[:size], end_stream=len(body) <= size)
            body = body[size:]
            self.flush()

    def raw(self, *frames: bytes) -> None:
        self.flush()
        self.sock.sendall(b"".join(frames))

    def flush(self) -> None:
        self.sock.sendall(self.h2.data_to_send())


Script = Callable[[Asked], None]


@dataclass
class Http2Site:
    """Serves ``https://news.test``; ``offers``: what it says yes to when the protocol is chosen."""

    script: Script
    offers: tuple[str, ...] = ("h2", "http/1.1")
    requests: list[Asked] = field(default_factory=list)
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(CERTIFICATE)
        self._tls.set_alpn_protocols(list(self.offers))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/") -> str:
        return f"https://news.test:{self._listener.getsockname()[1]}{path}"

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
            threading.Thread(target=self._serve, args=(accepted, self.connections), daemon=True).start()

    def _serve(self, accepted: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, h2.exceptions.ProtocolError):
            sock = self._tls.wrap_socket(accepted, server_side=True)
            self._open.append(sock)
            config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
            talk = Talk(sock, h2.connection.H2Connection(config))
            talk.h2.initiate_connection()
            talk.flush()
            heads: dict[int, dict[str, str]] = {}
            bodies: dict[int, bytes] = {}
            try:
                while data := sock.recv(65536):
                    for event in talk.h2.receive_data(data):
                        if isinstance(event, h2.events.RequestReceived):
                            heads[event.stream_id] = {str(name): str(value) for name, value in event.headers}
                            bodies[event.stream_id] = b""
                        elif isinstance(event, h2.events.DataReceived):
                            bodies[event.stream_id] += event.data
                            talk.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                        elif isinstance(event, h2.events.StreamEnded):
                            stream = event.stream_id
                            asked = Asked(heads[stream], number, stream, bodies[stream], talk)
                            self.requests.append(asked)
                            self.script(asked)
                    talk.flush()
            finally:
                sock.close()
