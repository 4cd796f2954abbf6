"""HTTP/2 against a real server: used where the site offers it, and no more dangerous than HTTP/1.1."""

from __future__ import annotations

import contextlib
import ssl
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]  # ships no types
import h2.errors
import pytest

from shared.errors import FetchError
from shared.http import GuardedClient

from .conftest import CERTIFICATE, Clients
from .http2_site import Asked, Http2Site, Script

MIB = 1024 * 1024
Sites = Callable[..., Http2Site]

END_STREAM, END_HEADERS = 0x1, 0x4


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def data(stream: int, payload: bytes, flags: int = 0) -> bytes:
    return frame(0x0, flags, stream, payload)


def goaway(last: int, code: int = 0) -> bytes:
    return frame(0x7, 0, 0, struct.pack(">II", last, code))


def reset(stream: int, code: int) -> bytes:
    return frame(0x3, 0, stream, struct.pack(">I", code))


@pytest.fixture
def serve() -> Iterator[Sites]:
    with contextlib.ExitStack() as stack:

        def start(script: Script, **options: object) -> Http2Site:
            site = Http2Site(script, **options)  # type: ignore[arg-type]
            stack.callback(site.close)
            return site

        yield start


Https = Callable[..., GuardedClient]


@pytest.fixture
def https(client_with: Clients) -> Https:
    def make(**settings: object) -> GuardedClient:
        tls = ssl.create_default_context(cafile=str(CERTIFICATE))
        return client_with(resolver=lambda _: ["127.0.0.1"], tls=tls, **settings)

    return make


def failure(client: GuardedClient, url: str, max_bytes: int = MIB) -> FetchError:
    with pytest.raises(FetchError) as caught:
        client.get(url, max_bytes=max_bytes)
    assert "\n" not in str(caught.value)
    return caught.value


def hello(asked: Asked) -> None:
    asked.talk.reply(asked.stream, b"hello", content_type="text/html", x_odd="1")


def test_a_site_that_offers_http2_is_asked_by_it(https: Https, serve: Sites) -> None:
    site = serve(hello)
    response = https(user_agent="Testdesk/1").get(site.url("/a?b=c"), max_bytes=100)
    assert (response.status, response.body, response.truncated) == (200, b"hello", False)
    assert list(response.headers.items()) == [("content-type", "text/html"), ("x-odd", "1")]
    assert site.requests[0].headers == {
        ":method": "GET",
        ":authority": site.url().removeprefix("https://").removesuffix("/"),
        ":scheme": "https",
        ":path": "/a?b=c",
        "user-agent": "Testdesk/1",
        "accept": "*/*",
        "accept-encoding": "gzip, deflate, br, zstd",
    }


def test_one_connection_serves_many_requests(https: Https, serve: Sites) -> None:
    site = serve(hello)
    client = https()
    for _ in range(5):
        assert client.get(site.url(), max_bytes=100).body == b"hello"
    assert site.connections == 1


def test_an_answer_without_a_body_keeps_its_connection_too(https: Https, serve: Sites) -> None:
    site = serve(lambda asked: asked.talk.reply(asked.stream, status="304"))
    client = https()
    for _ in range(3):
        assert client.get(site.url(), max_bytes=100).is_not_modified
    assert site.connections == 1


def test_without_the_setting_http1_is_spoken(https: Https, serve: Sites) -> None:
    chosen = []

    def protocol(asked: Asked) -> None:
        chosen.append(asked.talk.sock.selected_alpn_protocol())
        hello(asked)

    site = serve(protocol)
    https().get(site.url(), max_bytes=100)
    assert chosen == ["h2"]
    # The server knows nothing but HTTP/2, whatever was agreed on.
    assert failure(https(http2=False), site.url()).reason == "protocol"
    assert chosen == ["h2"]


def test_a_body_larger_than_every_window_comes_whole(https: Https, serve: Sites) -> None:
    body = b"".join(b"Line %d of the page.\n" % number for number in range(300_000))
    site = serve(lambda asked: asked.talk.reply(asked.stream, body))
    client = https()
    for _ in range(2):
        assert client.get(site.url(), max_bytes=10 * MIB).body == body
    assert site.connections == 1


def test_a_body_is_decoded_and_cut_at_its_cap(https: Https, serve: Sites) -> None:
    packed = brotli.compress(bytes(20 * MIB))
    site = serve(lambda asked: asked.talk.reply(asked.stream, packed, content_encoding="br"))
    response = https().get(site.url(), max_bytes=MIB)
    assert (response.body, response.truncated, response.closed_early) == (bytes(MIB), True, False)


def test_a_connection_with_the_rest_of_an_answer_on_it_is_not_used_again(https: Https, serve: Sites) -> None:
    site = serve(lambda asked: asked.talk.reply(asked.stream, b"x" * 200_000))
    client = https()
    for _ in range(2):
        assert client.get(site.url(), max_bytes=1000).body == b"x" * 1000
    assert site.connections == 2


def test_a_form_is_posted_in_frames_that_the_site_has_room_for(https: Https, serve: Sites) -> None:
    site = serve(hello)
    https().post(site.url("/hub"), data={"secret": "s" * 200_000}, max_bytes=100)
    asked = site.requests[0]
    assert asked.headers[":method"] == "POST"
    assert asked.headers["content-length"] == str(len(asked.body))
    assert asked.body == b"secret=" + b"s" * 200_000


def test_redirects_and_their_cookies_work_alike(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        if "cookie" in asked.headers:
            asked.talk.reply(asked.stream, asked.headers["cookie"].encode())
        else:
            asked.talk.reply(asked.stream, status="302", location="/", set_cookie="seen=1; Secure", content_length="0")

    site = serve(script)
    response = https().get(site.url(), max_bytes=100)
    assert response.body == b"seen=1"
    assert site.connections == 1


def test_a_kept_connection_that_the_site_gave_up_is_replaced(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        if asked.connection == 1 and asked.stream > 1:
            asked.talk.sock.close()
        else:
            hello(asked)

    site = serve(script)
    client = https()
    for _ in range(2):
        assert client.get(site.url(), max_bytes=100).body == b"hello"
    assert site.connections == 2


@pytest.mark.parametrize("goodbye", ["goaway", "refused"])
def test_a_request_that_was_not_looked_at_is_sent_again_over_a_new_connection(
    https: Https, serve: Sites, goodbye: str
) -> None:
    def script(asked: Asked) -> None:
        if asked.connection == 1 and asked.stream > 1:
            asked.talk.raw(
                goaway(1) if goodbye == "goaway" else reset(asked.stream, h2.errors.ErrorCodes.REFUSED_STREAM)
            )
        else:
            hello(asked)

    site = serve(script)
    client = https()
    for _ in range(2):
        assert client.get(site.url(), max_bytes=100).body == b"hello"
    assert site.connections == 2


def test_a_site_that_never_looks_at_a_request_is_asked_once(https: Https, serve: Sites) -> None:
    site = serve(lambda asked: asked.talk.raw(goaway(0)))
    assert failure(https(), site.url()).reason == "reset"
    assert site.connections == 1


def test_the_last_answer_after_a_goodbye_still_counts(https: Https, serve: Sites) -> None:
    """As nginx does with its thousandth request: GOAWAY first, then the answer."""

    def script(asked: Asked) -> None:
        asked.talk.raw(goaway(asked.stream))
        hello(asked)

    site = serve(script)
    client = https()
    for _ in range(2):
        assert client.get(site.url(), max_bytes=100).body == b"hello"
    assert site.connections == 2


@pytest.mark.parametrize("after", ["goaway", "no error", "cancel"])
def test_an_answer_that_is_complete_counts_whatever_comes_after_it(https: Https, serve: Sites, after: str) -> None:
    def script(asked: Asked) -> None:
        ends = {
            "goaway": goaway(0, h2.errors.ErrorCodes.INTERNAL_ERROR),
            "no error": reset(asked.stream, h2.errors.ErrorCodes.NO_ERROR),
            "cancel": reset(asked.stream, h2.errors.ErrorCodes.CANCEL),
        }
        asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        asked.talk.h2.send_data(asked.stream, b"hello", end_stream=True)
        asked.talk.sock.sendall(asked.talk.h2.data_to_send() + ends[after])
        asked.talk.sock.close()

    client = https()
    site = serve(script)
    for _ in range(2):
        assert client.get(site.url(), max_bytes=100).body == b"hello"


def test_a_connection_ended_for_a_fault_of_ours_is_a_reset_that_says_so(https: Https, serve: Sites) -> None:
    site = serve(lambda asked: asked.talk.raw(goaway(asked.stream, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)))
    error = failure(https(), site.url())
    assert error.reason == "reset"
    assert "enhance your calm" in str(error)


def test_a_reset_request_is_a_reset(https: Https, serve: Sites) -> None:
    site = serve(lambda asked: asked.talk.raw(reset(asked.stream, h2.errors.ErrorCodes.INTERNAL_ERROR)))
    error = failure(https(), site.url())
    assert error.reason == "reset"
    assert "internal error" in str(error)


@pytest.mark.parametrize("how", ["reset", "goaway", "goaway before", "close"])
def test_a_body_that_stops_in_the_middle_is_marked(https: Https, serve: Sites, how: str) -> None:
    def script(asked: Asked) -> None:
        talk, stream = asked.talk, asked.stream
        talk.h2.send_headers(stream, [(":status", "200")])
        talk.h2.send_data(stream, b"the first half")
        talk.flush()
        time.sleep(0.05)
        ends = {
            "reset": reset(stream, h2.errors.ErrorCodes.INTERNAL_ERROR),
            "goaway": goaway(stream, h2.errors.ErrorCodes.INTERNAL_ERROR),
            "goaway before": goaway(0),
        }
        talk.raw(ends.get(how, b""))
        talk.sock.close()

    response = https().get(serve(script).url(), max_bytes=100)
    assert (response.body, response.truncated, response.closed_early) == (b"the first half", True, True)


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
    https: Https, serve: Sites, noise: bytes, where: str
) -> None:
    def script(asked: Asked) -> None:
        if where == "body":
            asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        for _ in range(2000):
            asked.talk.raw(noise * 50)

    began = time.process_time()
    error = failure(https(deadline_seconds=30), serve(script).url())
    assert error.reason == "protocol"
    assert time.process_time() - began < 3


def test_empty_pieces_of_a_body_without_end_are_refused(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        for _ in range(2000):
            asked.talk.raw(data(asked.stream, b"") * 50)

    assert failure(https(), serve(script).url()).reason == "protocol"


def test_a_body_in_crumbs_is_refused(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        for _ in range(1000):
            asked.talk.raw(data(asked.stream, b"x") * 1000)

    error = failure(https(), serve(script).url())
    assert error.reason == "protocol"
    assert "crumbs" in str(error)


def test_streams_opened_and_reset_in_a_row_are_refused(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        for number in range(2, 4000, 2):
            opened = frame(0x1, END_HEADERS | END_STREAM, number, b"\x88")
            asked.talk.raw(opened, reset(number, h2.errors.ErrorCodes.CANCEL))

    assert failure(https(), serve(script).url()).reason == "protocol"


def test_a_page_that_was_not_asked_for_is_refused(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        asked.talk.raw(frame(0x5, END_HEADERS, asked.stream, struct.pack(">I", 2) + b"\x82\x84\x87"))

    assert failure(https(), serve(script).url()).reason == "protocol"


def test_header_frames_without_end_are_refused(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        asked.talk.raw(frame(0x1, 0, asked.stream, b"\x88"))
        for _ in range(10_000):
            asked.talk.raw(frame(0x9, 0, asked.stream))

    assert failure(https(), serve(script).url()).reason == "protocol"


def test_long_header_frames_without_end_are_refused(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        asked.talk.raw(frame(0x1, 0, asked.stream, b"\x88"))
        for _ in range(100):
            asked.talk.raw(frame(0x9, 0, asked.stream, b"\x00\x01x\x01y" * 3000))

    assert failure(https(), serve(script).url()).reason == "headers_too_large"


def test_a_header_that_unpacks_to_megabytes_is_refused(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        value = b"v" * 4000
        # Put into the table once, then named again and again by one byte (RFC 7541 7.3).
        block = b"\x88" + b"\x40\x01x\x7f" + bytes([0x80 | (len(value) - 127) & 0x7F, (len(value) - 127) >> 7]) + value
        asked.talk.raw(frame(0x1, END_HEADERS | END_STREAM, asked.stream, block + b"\xbe" * 10_000))

    assert failure(https(), serve(script).url()).reason == "headers_too_large"


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
def test_a_header_that_cannot_be_one_is_refused(https: Https, serve: Sites, block: bytes) -> None:
    site = serve(lambda asked: asked.talk.raw(frame(0x1, END_HEADERS | END_STREAM, asked.stream, block)))
    assert failure(https(), site.url()).reason == "protocol"


def test_what_belongs_to_another_connection_is_passed_over(https: Https, serve: Sites) -> None:
    block = b"\x88\x00\x0aconnection\x05close\x00\x01x\x02 y"
    site = serve(lambda asked: asked.talk.raw(frame(0x1, END_HEADERS | END_STREAM, asked.stream, block)))
    assert list(https().get(site.url(), max_bytes=10).headers.items()) == [("x", "y")]


def test_a_frame_is_not_waited_for_beyond_its_largest_size(https: Https, serve: Sites) -> None:
    def script(asked: Asked) -> None:
        asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        asked.talk.raw(b"\xff\xff\xff" + frame(0x0, 0, asked.stream)[3:])
        for _ in range(100):
            asked.talk.raw(bytes(65536))

    tracemalloc.start()
    error = failure(https(), serve(script).url())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.reason == "protocol"
    assert peak < 4 * MIB


@pytest.mark.parametrize("said", [data(1, b"x"), bytes(500)])
def test_what_is_not_http2_is_a_protocol_error(https: Https, serve: Sites, said: bytes) -> None:
    site = serve(lambda asked: asked.talk.raw(said))
    assert failure(https(read_timeout_seconds=1), site.url()).reason == "protocol"


@pytest.mark.parametrize("where", ["header", "body"])
def test_a_slow_loris_ends_with_the_deadline(https: Https, serve: Sites, where: str) -> None:
    over = threading.Event()

    def script(asked: Asked) -> None:
        if where == "body":
            asked.talk.h2.send_headers(asked.stream, [(":status", "200")])
        while not over.wait(0.05):
            asked.talk.raw(data(asked.stream, b"x") if where == "body" else frame(0x6, 0, 0, bytes(8)))

    site = serve(script)
    began = time.monotonic()
    error = failure(https(deadline_seconds=0.5, read_timeout_seconds=5), site.url())
    over.set()
    assert error.reason == "deadline"
    assert 0.5 <= time.monotonic() - began < 4


def test_a_silent_site_is_given_up_after_the_read_timeout(https: Https, serve: Sites) -> None:
    assert failure(https(read_timeout_seconds=0.2), serve(lambda _: None).url()).reason == "read_timeout"


def test_a_site_that_allows_no_request_on_a_kept_connection_is_asked_over_a_new_one(https: Https, serve: Sites) -> None:
    """MAX_CONCURRENT_STREAMS of 0, learnt with the first answer."""

    def script(asked: Asked) -> None:
        if asked.connection == 1:
            asked.talk.raw(frame(0x4, 0, 0, struct.pack(">HI", 0x3, 0)))
        hello(asked)

    site = serve(script)
    client = https()
    for _ in range(2):
        assert client.get(site.url(), max_bytes=100).body == b"hello"
    assert site.connections == 2
