"""A site of HTTP/2 that breaks the rules, or bends them: refused at a bounded cost."""

from __future__ import annotations

import struct
import threading
import time
import tracemalloc

import h2.errors
import pytest

from shared.errors import FetchError
from shared.http import GuardedClient

from .conftest import Https, ServeHttp2, failure
from .http2_frames import END_HEADERS, END_STREAM, data, frame, reset
from .http2_site import Asked

MIB = 1024 * 1024


def refusal(client: GuardedClient, url: str) -> FetchError:
    """The error in which a GET ends that would take a megabyte."""
    return failure(client, url, max_bytes=MIB)


@pytest.mark.parametrize(
    "noise",
    [
        frame(0x4, 0, 0),
        frame(0x6, 0, 0, bytes(8)),
        frame(0x8, 0, 0, struct.pack(">I", 1)),
        frame(0x2, 0, 9, struct.pack(">IB", 0, 1)),
        frame(0xEE, 0, 0),
    ],
    ids=["settings", "ping", "window update", "priority", "unknown"],
)
@pytest.mark.parametrize("where", ["header", "body"])
def test_frames_without_end_that_carry_nothing_are_refused(
    https: Https, serve_http2: ServeHttp2, noise: bytes, where: str
) -> None:
    def script(asked: Asked) -> None:
        if where == "body":
            asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        for _ in range(2000):
            asked.talk.raw(noise * 50)

    began = time.process_time()
    error = refusal(https(deadline_seconds=30), serve_http2(script).url())
    assert error.reason == "protocol"
    assert time.process_time() - began < 3


def test_empty_pieces_of_a_body_without_end_are_refused(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        for _ in range(2000):
            asked.talk.raw(data(asked.stream, b"") * 50)

    assert refusal(https(), serve_http2(script).url()).reason == "protocol"


def test_a_body_in_crumbs_is_refused(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        for _ in range(1000):
            asked.talk.raw(data(asked.stream, b"x") * 1000)

    error = refusal(https(), serve_http2(script).url())
    assert error.reason == "protocol"
    assert "crumbs" in str(error)


def test_streams_opened_and_reset_in_a_row_are_refused(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        for number in range(2, 4000, 2):
            opened = frame(0x1, END_HEADERS | END_STREAM, number, b"\x88")
            asked.talk.raw(opened, reset(number, h2.errors.ErrorCodes.CANCEL))

    assert refusal(https(), serve_http2(script).url()).reason == "protocol"


def test_a_page_that_was_not_asked_for_is_refused(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        asked.talk.raw(frame(0x5, END_HEADERS, asked.stream, struct.pack(">I", 2) + b"\x82\x84\x87"))

    assert refusal(https(), serve_http2(script).url()).reason == "protocol"


def test_header_frames_without_end_are_refused(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        asked.talk.raw(frame(0x1, 0, asked.stream, b"\x88"))
        for _ in range(10_000):
            asked.talk.raw(frame(0x9, 0, asked.stream))

    assert refusal(https(), serve_http2(script).url()).reason == "protocol"


def test_long_header_frames_without_end_are_refused(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        asked.talk.raw(frame(0x1, 0, asked.stream, b"\x88"))
        for _ in range(100):
            asked.talk.raw(frame(0x9, 0, asked.stream, b"\x00\x01x\x01y" * 3000))

    assert refusal(https(), serve_http2(script).url()).reason == "headers_too_large"


def test_a_header_that_unpacks_to_megabytes_is_refused(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        value = b"v" * 4000
        # Put into the table once, then named again and again by one byte (RFC 7541 7.3).
        block = b"\x88" + b"\x40\x01x\x7f" + bytes([0x80 | (len(value) - 127) & 0x7F, (len(value) - 127) >> 7]) + value
        asked.talk.raw(frame(0x1, END_HEADERS | END_STREAM, asked.stream, block + b"\xbe" * 10_000))

    assert refusal(https(), serve_http2(script).url()).reason == "headers_too_large"


@pytest.mark.parametrize(
    "block",
    [
        b"\x00\x01x\x01y",  # no status at all
        b"\x88\x88",  # two of them
        b"\x00\x07:status\x03abc",
        b"\x88\x00\x01x\x05a\r\nb:",  # a line break in a value
        b"\x88\x00\x03a b\x01y",  # a space in a name
        b"\x88\x00\x00\x01y",  # no name
        b"\x88\xff\xff\xff\xff\x0f",  # a place in the table that is not there
    ],
)
def test_a_header_that_cannot_be_one_is_refused(https: Https, serve_http2: ServeHttp2, block: bytes) -> None:
    site = serve_http2(lambda asked: asked.talk.raw(frame(0x1, END_HEADERS | END_STREAM, asked.stream, block)))
    assert refusal(https(), site.url()).reason == "protocol"


def test_a_frame_is_not_waited_for_beyond_its_largest_size(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        asked.talk.raw(b"\xff\xff\xff" + frame(0x0, 0, asked.stream)[3:])
        for _ in range(100):
            asked.talk.raw(bytes(65536))

    tracemalloc.start()
    error = refusal(https(), serve_http2(script).url())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.reason == "protocol"
    assert peak < 4 * MIB


@pytest.mark.parametrize("said", [data(1, b"x"), bytes(500)])
def test_what_is_not_http2_is_a_protocol_error(https: Https, serve_http2: ServeHttp2, said: bytes) -> None:
    site = serve_http2(lambda asked: asked.talk.raw(said))
    assert refusal(https(read_timeout_seconds=1), site.url()).reason == "protocol"


@pytest.mark.parametrize("where", ["header", "body"])
def test_a_slow_loris_ends_with_the_deadline(https: Https, serve_http2: ServeHttp2, where: str) -> None:
    over = threading.Event()

    def script(asked: Asked) -> None:
        if where == "body":
            asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        while not over.wait(0.05):
            asked.talk.raw(data(asked.stream, b"x") if where == "body" else frame(0x6, 0, 0, bytes(8)))

    site = serve_http2(script)
    began = time.monotonic()
    error = refusal(https(deadline_seconds=0.5, read_timeout_seconds=5), site.url())
    over.set()
    assert error.reason == "deadline"
    assert 0.5 <= time.monotonic() - began < 4


def test_a_silent_site_is_given_up_after_the_read_timeout(https: Https, serve_http2: ServeHttp2) -> None:
    assert refusal(https(read_timeout_seconds=0.2), serve_http2(lambda _: None).url()).reason == "read_timeout"
