"""The wire: an HTTP/1.1 server with a thread a connection, which ends with all of its connections."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from wiredesk.testweb.answers import Answer, Manner, settle
from wiredesk.testweb.log import Seen

if TYPE_CHECKING:
    from wiredesk.testweb.web import NewsWeb

PIECE = 64 * 1024
REQUEST_BODY_MAX_BYTES = 16 * 1024 * 1024
JOIN_SECONDS = 5.0


class Server(socketserver.TCPServer):
    """Accepts for one web; a daemon thread serves each connection."""

    allow_reuse_address = True
    # Two hundred clients that connect in one instant must not be refused.
    request_queue_size = 512

    def __init__(self, web: NewsWeb, host: str, port: int) -> None:
        self.web = web
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        super().__init__((host, port), Handler)
        self._acceptor = threading.Thread(target=self.serve_forever, args=(0.05,), name="news web", daemon=True)

    def start(self) -> None:
        """Begin to accept."""
        self._acceptor.start()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own types
        """Serve a connection in a thread of its own."""
        thread = threading.Thread(target=self._serve, args=(request, client_address), name="news web", daemon=True)
        with self._lock:
            self._connections[request] = thread
        thread.start()

    def _serve(self, request: socket.socket, client_address: Any) -> None:  # noqa: ANN401
        try:
            self.finish_request(request, client_address)
        except ConnectionError:
            pass  # The client went away, which clients do.
        finally:
            self.shutdown_request(request)
            with self._lock:
                self._connections.pop(request, None)

    def stop(self) -> None:
        """Close the door and every connection, and wait for their threads."""
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._acceptor.join(JOIN_SECONDS)
        with self._lock:
            left = list(self._connections.items())
        for connection, _ in left:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in left:
            thread.join(JOIN_SECONDS)


class Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection, asks the web, and sends what it says in the manner it says."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "NewsWeb/1"
    # Headers and body may go in two writes: Nagle's algorithm would hold the second back for 40 ms.
    disable_nagle_algorithm = True

    def parse_request(self) -> bool:
        """Take the time as early as it is known: gaps between requests are measured with it."""
        self._at = time.monotonic()
        return super().parse_request()

    def do_GET(self) -> None:
        """Answer."""
        # http.server makes // at the start of a path into /; some real addresses have it.
        target = self.requestline.split()[1]
        body = self._read_body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        site = self.server.web.find(headers.get("host", ""))
        seen = Seen(site.name if site else "", target, self._at, self.command, headers, body)
        log = self.server.web.book
        self._number = log.begin(seen)
        try:
            if site is None:
                answer = self.server.web.stranger(headers.get("host", ""))
            else:
                if site.latency and self.server.closing.wait(site.latency):
                    self.close_connection = True
                    return
                answer = settle(*site.ask(self.command, target, headers, body))
            self._send(answer)
        finally:
            log.end(self._number)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _read_body(self) -> bytes:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > REQUEST_BODY_MAX_BYTES:
            self.close_connection = True
            return b""
        return self.rfile.read(int(length))

    def _send(self, answer: Answer) -> None:
        if answer.manner is Manner.HANG:
            self.server.closing.wait()
            self.close_connection = True
            return
        self.server.web.book.answered(self._number, answer.status)
        if answer.manner is not Manner.WHOLE:
            self.close_connection = True
        head = self._head(answer)
        body = b"" if self.command == "HEAD" or answer.status in (204, 304) else answer.body
        if answer.manner is Manner.DRIP_HEADERS:
            self._drip(head + body, answer.pause)
        elif answer.manner is Manner.DRIP:
            self._write(head)
            self._drip(body, answer.pause)
        elif answer.manner is Manner.ENDLESS:
            self._write(head)
            self._repeat(body, answer.most)
        else:
            self._write_whole(head + body)

    def _head(self, answer: Answer) -> bytes:
        try:
            phrase = HTTPStatus(answer.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {answer.status} {phrase}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        own = {name.lower() for name, _ in answer.headers}
        if answer.manner is not Manner.ENDLESS and answer.status not in (204, 304):
            length = max(len(answer.body), answer.announced)
            lines += [] if own & {"content-length", "transfer-encoding"} else [f"Content-Length: {length}"]
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)

    def _write_whole(self, data: bytes) -> None:
        """Send everything; the request counts as over just before the last piece.

        A client that has the last byte may come again at once. Were the old request ended after that, it would be
        counted as still in flight, and a polite client would seem to ask for two things at a time.
        """
        last = max(0, (len(data) - 1) // PIECE * PIECE)
        for start in range(0, last, PIECE):
            self._write(data[start : start + PIECE])
        self.server.web.book.end(self._number)
        self._write(data[last:])

    def _drip(self, data: bytes, pause: float) -> None:
        for at in range(len(data)):
            if self.server.closing.wait(pause):
                return
            self._write(data[at : at + 1])

    def _repeat(self, body: bytes, most: int) -> None:
        sent = 0
        while body and sent < most and not self.server.closing.is_set():
            self._write(body)
            sent += len(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - http.server's own signature
        """Say nothing: the log of the web is for that."""
