"""What httpcore calls a network stream, over a connected socket: every wait, down to a single byte of a header, ends
with the request's deadline.
"""

from __future__ import annotations

import select
import socket
import ssl
from typing import Any

import httpcore  # noqa: TID251 - the one place

from shared.errors import FetchError
from shared.http.exchange import Exchange
from shared.http.reasons import FetchReason
from shared.wording import one_line


class GuardedStream(httpcore.NetworkStream):
    """A connected socket whose waits are those of the exchange that uses it now."""

    def __init__(self, sock: socket.socket, exchange: Exchange, read_timeout: float) -> None:
        self._socket = sock
        self.speaks_http2 = isinstance(sock, ssl.SSLSocket) and sock.selected_alpn_protocol() == "h2"
        self._read_timeout = read_timeout
        self.exchange = exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - ours rules
        """What has come, waiting for at least one byte; nothing once the site has closed.

        :raises FetchError: ``read_timeout``, ``deadline`` or ``headers_too_large``.
        """
        self._socket.settimeout(self.exchange.wait(self._read_timeout))
        try:
            data = self._socket.recv(max_bytes)
        except TimeoutError:
            raise self._silent() from None
        except OSError as error:
            raise httpcore.ReadError(words_of(error)) from error
        self.exchange.received(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - ours rules
        """Send all of ``buffer``.

        :raises FetchError: ``read_timeout`` or ``deadline``, when the site takes nothing.
        """
        while buffer:
            self._socket.settimeout(self.exchange.wait(self._read_timeout))
            try:
                buffer = buffer[self._socket.send(buffer) :]
            except TimeoutError:
                raise self._silent() from None
            except OSError as error:
                raise httpcore.WriteError(words_of(error)) from error

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        """Only ``is_readable``: of an idle connection it means that the site has closed it."""
        if info != "is_readable":
            return None
        if self._socket.fileno() < 0 or (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
            return True
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def _silent(self) -> FetchError:
        self.exchange.wait(self._read_timeout)
        return self.exchange.fails(
            FetchReason.READ_TIMEOUT, f"{self.exchange.url} fell silent for {self._read_timeout:g} s"
        )


def words_of(error: Exception) -> str:
    """What an operating system or TLS has to say, on one line."""
    text = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return one_line(text).lower()
