"""A site whose every answer is an attack on the client; raw sockets, because no server would send such things."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from multiprocessing.connection import Connection as Pipe
from typing import Any

import brotli  # type: ignore[import-untyped]  # ships no types
import zstandard

MIB = 1024 * 1024
BOMB_MIB = 1024
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
# Between two bytes of a slow answer: no read timeout is as short, so that only a deadline ends it.
PAUSE_SECONDS = 0.1

Answer = Callable[[str], Iterator[bytes]]


def serve(pipe: Pipe, attack: str) -> None:
    """Listen on loopback, say on which port, and answer until the pipe closes."""
    if attack == "gzip-gzip":
        _gzip_in_gzip_bytes()  # takes seconds, which are not the client's
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
        pipe.send(listener.getsockname()[1])
        with contextlib.suppress(EOFError, OSError):
            pipe.recv()


def _accept(listener: socket.socket) -> None:
    while True:
        try:
            connection = listener.accept()[0]
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        request = b""
        while b"\r\n\r\n" not in request:
            if not (came := connection.recv(65536)):
                return
            request += came
        path = request.split(b" ")[1].decode()
        for piece in ATTACKS[path.split("/")[1]](path):
            connection.sendall(piece)


# The three libraries' compressors have no type in common.
def _compressed(encoding: str, compressor: Any, finish: str, _path: str) -> Iterator[bytes]:  # noqa: ANN401 - see above
    made = compressor()
    block = bytes(MIB)
    compress = made.process if encoding == "br" else made.compress
    yield OK + f"Content-Encoding: {encoding}\r\nConnection: close\r\n\r\n".encode()
    for _ in range(BOMB_MIB):
        if out := compress(block):
            yield out
    yield getattr(made, finish)()


@cache
def _gzip_in_gzip_bytes() -> bytes:
    return b"".join(_zlib_of([b"".join(_zlib_of(bytes(MIB) for _ in range(BOMB_MIB)))]))


def _gzip_in_gzip(_path: str) -> Iterator[bytes]:
    yield OK + b"Content-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n"
    yield _gzip_in_gzip_bytes()


def _zlib_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for piece in pieces:
        yield compressor.compress(piece)
    yield compressor.flush()


def _chunked(_path: str) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(BOMB_MIB * 16):
        yield chunk


def _crumbs(_path: str) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for _ in range(10_000):
        yield b"1\r\nx\r\n" * 1000


def _long_chunk_size(_path: str) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for _ in range(BOMB_MIB):
        yield b"0" * MIB


def _trailers(_path: str) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    for number in range(10_000_000):
        yield b"X-%d: y\r\n" % number * 100


def _announced(_path: str) -> Iterator[bytes]:
    yield OK + b"Content-Length: 1099511627776\r\n\r\n"
    for _ in range(BOMB_MIB):
        yield bytes(MIB)


def _header_lines(_path: str) -> Iterator[bytes]:
    yield OK
    for number in range(10_000_000):
        yield b"X-%d: y\r\n" % number * 100


def _one_header(_path: str) -> Iterator[bytes]:
    yield OK + b"X: "
    for _ in range(BOMB_MIB):
        yield b"y" * MIB


def _early_hints(_path: str) -> Iterator[bytes]:
    for _ in range(10_000_000):
        yield b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100


def _slow_headers(_path: str) -> Iterator[bytes]:
    for byte in OK * 1000:
        yield bytes([byte])
        time.sleep(PAUSE_SECONDS)  # the attack


def _slow_body(_path: str) -> Iterator[bytes]:
    yield OK + b"Content-Length: 1000000\r\n\r\n"
    for _ in range(1_000_000):
        yield b"x"
        time.sleep(PAUSE_SECONDS)  # the attack


def _silence(_path: str) -> Iterator[bytes]:
    time.sleep(600)  # longer than any client waits
    yield b""


def _redirect(path: str, to: Callable[[str], str]) -> Iterator[bytes]:
    yield f"HTTP/1.1 302 Found\r\nLocation: {to(path)}\r\nContent-Length: 0\r\n\r\n".encode()


def _next_hop(path: str) -> str:
    return f"{path}a"


ATTACKS: dict[str, Answer] = {
    "gzip": partial(_compressed, "gzip", partial(zlib.compressobj, 9, zlib.DEFLATED, 31), "flush"),
    "br": partial(_compressed, "br", partial(brotli.Compressor, quality=1), "finish"),
    "zstd": partial(_compressed, "zstd", lambda: zstandard.ZstdCompressor().compressobj(), "flush"),
    "gzip-gzip": _gzip_in_gzip,
    "chunked": _chunked,
    "crumbs": _crumbs,
    "chunk-size": _long_chunk_size,
    "trailers": _trailers,
    "announced": _announced,
    "header-lines": _header_lines,
    "one-header": _one_header,
    "early-hints": _early_hints,
    "slow-headers": _slow_headers,
    "slow-body": _slow_body,
    "silence": _silence,
    "loop": partial(_redirect, to=lambda path: "/loop/b" if path == "/loop/a" else "/loop/a"),
    "hops": partial(_redirect, to=_next_hop),
    "long-location": partial(_redirect, to=lambda _: "/" + "a" * 90_000),
}
