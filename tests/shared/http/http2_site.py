"""A small real HTTP/2 server on loopback, scripted by each test down to its frames."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from .loopback import LoopbackServer, server_tls


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
class Http2Site(LoopbackServer):
    """Serves ``https://news.test``; ``offers``: what it says yes to when the protocol is chosen."""

    script: Script
    offers: tuple[str, ...] = ("h2", "http/1.1")
    requests: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tls = server_tls()
        self._tls.set_alpn_protocols(list(self.offers))
        super().__post_init__()

    def url(self, path: str = "/") -> str:
        return f"https://news.test:{self.port}{path}"

    def _converse(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, h2.exceptions.ProtocolError):
            secured = self._tls.wrap_socket(sock, server_side=True)
            self._open.append(secured)
            config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
            talk = Talk(secured, h2.connection.H2Connection(config))
            talk.h2.initiate_connection()
            talk.flush()
            heads: dict[int, dict[str, str]] = {}
            bodies: dict[int, bytes] = {}
            try:
                while data := secured.recv(65536):
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
                secured.close()
