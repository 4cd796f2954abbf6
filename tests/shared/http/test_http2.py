"""HTTP/2 against a real server: used where the site offers it, over as few connections as it allows."""

from __future__ import annotations

import struct
import time

import brotli  # type: ignore[import-untyped]  # ships no types
import h2.errors
import pytest

from shared.http import GuardedClient

from .conftest import Https, ServeHttp2, failure
from .http2_frames import END_HEADERS, END_STREAM, frame, goaway, reset
from .http2_site import Asked, Http2Site

MIB = 1024 * 1024


def hello(asked: Asked) -> None:
    asked.talk.reply(asked.stream, b"hello", content_type="text/html", x_odd="1")


def connections_for(times: int, client: GuardedClient, site: Http2Site) -> int:
    """Ask so often, and have "hello" each time; returns how many connections that took."""
    for _ in range(times):
        assert client.get(site.url(), max_bytes=100).body == b"hello"
    return site.connections


def test_a_site_that_offers_http2_is_asked_by_it(https: Https, serve_http2: ServeHttp2) -> None:
    site = serve_http2(hello)
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


def test_one_connection_serves_many_requests(https: Https, serve_http2: ServeHttp2) -> None:
    assert connections_for(5, https(), serve_http2(hello)) == 1


def test_an_answer_without_a_body_keeps_its_connection_too(https: Https, serve_http2: ServeHttp2) -> None:
    site = serve_http2(lambda asked: asked.talk.reply(asked.stream, status="304"))
    client = https()
    for _ in range(3):
        assert client.get(site.url(), max_bytes=100).is_not_modified
    assert site.connections == 1


def test_without_the_setting_http1_is_spoken(https: Https, serve_http2: ServeHttp2) -> None:
    chosen = []

    def protocol(asked: Asked) -> None:
        chosen.append(asked.talk.sock.selected_alpn_protocol())
        hello(asked)

    site = serve_http2(protocol)
    https().get(site.url(), max_bytes=100)
    assert chosen == ["h2"]
    # The server knows nothing but HTTP/2, whatever was agreed on.
    assert failure(https(http2=False), site.url()).reason == "protocol"
    assert chosen == ["h2"]


def test_a_body_larger_than_every_window_comes_whole(https: Https, serve_http2: ServeHttp2) -> None:
    body = b"".join(b"Line %d of the page.\n" % number for number in range(300_000))
    site = serve_http2(lambda asked: asked.talk.reply(asked.stream, body))
    client = https()
    for _ in range(2):
        assert client.get(site.url(), max_bytes=10 * MIB).body == body
    assert site.connections == 1


def test_a_body_is_decoded_and_cut_at_its_cap(https: Https, serve_http2: ServeHttp2) -> None:
    packed = brotli.compress(bytes(20 * MIB))
    site = serve_http2(lambda asked: asked.talk.reply(asked.stream, packed, content_encoding="br"))
    response = https().get(site.url(), max_bytes=MIB)
    assert (response.body, response.truncated, response.closed_early) == (bytes(MIB), True, False)


def test_a_connection_with_the_rest_of_an_answer_on_it_is_not_used_again(https: Https, serve_http2: ServeHttp2) -> None:
    site = serve_http2(lambda asked: asked.talk.reply(asked.stream, b"x" * 200_000))
    client = https()
    for _ in range(2):
        assert client.get(site.url(), max_bytes=1000).body == b"x" * 1000
    assert site.connections == 2


def test_a_form_is_posted_in_frames_that_the_site_has_room_for(https: Https, serve_http2: ServeHttp2) -> None:
    site = serve_http2(hello)
    https().post(site.url("/hub"), data={"secret": "s" * 200_000}, max_bytes=100)
    asked = site.requests[0]
    assert asked.headers[":method"] == "POST"
    assert asked.headers["content-length"] == str(len(asked.body))
    assert asked.body == b"secret=" + b"s" * 200_000


def test_redirects_and_their_cookies_work_alike(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        if "cookie" in asked.headers:
            asked.talk.reply(asked.stream, asked.headers["cookie"].encode())
        else:
            asked.talk.reply(asked.stream, status="302", location="/", set_cookie="seen=1; Secure", content_length="0")

    site = serve_http2(script)
    response = https().get(site.url(), max_bytes=100)
    assert response.body == b"seen=1"
    assert site.connections == 1


def test_a_kept_connection_that_the_site_gave_up_is_replaced(https: Https, serve_http2: ServeHttp2) -> None:
    def script(asked: Asked) -> None:
        if asked.connection == 1 and asked.stream > 1:
            asked.talk.sock.close()
        else:
            hello(asked)

    assert connections_for(2, https(), serve_http2(script)) == 2


@pytest.mark.parametrize("goodbye", ["goaway", "refused"])
def test_a_request_that_was_not_looked_at_is_sent_again_over_a_new_connection(
    https: Https, serve_http2: ServeHttp2, goodbye: str
) -> None:
    def script(asked: Asked) -> None:
        if asked.connection == 1 and asked.stream > 1:
            asked.talk.raw(
                goaway(1) if goodbye == "goaway" else reset(asked.stream, h2.errors.ErrorCodes.REFUSED_STREAM)
            )
        else:
            hello(asked)

    assert connections_for(2, https(), serve_http2(script)) == 2


def test_a_site_that_never_looks_at_a_request_is_asked_once(https: Https, serve_http2: ServeHttp2) -> None:
    site = serve_http2(lambda asked: asked.talk.raw(goaway(0)))
    assert failure(https(), site.url()).reason == "reset"
    assert site.connections == 1


def test_the_last_answer_after_a_goodbye_still_counts(https: Https, serve_http2: ServeHttp2) -> None:
    """As nginx does with its thousandth request: GOAWAY first, then the answer."""

    def script(asked: Asked) -> None:
        asked.talk.raw(goaway(asked.stream))
        hello(asked)

    assert connections_for(2, https(), serve_http2(script)) == 2


@pytest.mark.parametrize("after", ["goaway", "no error", "cancel"])
def test_an_answer_that_is_complete_counts_whatever_comes_after_it(
    https: Https, serve_http2: ServeHttp2, after: str
) -> None:
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

    connections_for(2, https(), serve_http2(script))


def test_a_connection_ended_for_a_fault_of_ours_is_a_reset_that_says_so(https: Https, serve_http2: ServeHttp2) -> None:
    site = serve_http2(lambda asked: asked.talk.raw(goaway(asked.stream, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)))
    error = failure(https(), site.url())
    assert error.reason == "reset"
    assert "enhance your calm" in str(error)


def test_a_reset_request_is_a_reset(https: Https, serve_http2: ServeHttp2) -> None:
    site = serve_http2(lambda asked: asked.talk.raw(reset(asked.stream, h2.errors.ErrorCodes.INTERNAL_ERROR)))
    error = failure(https(), site.url())
    assert error.reason == "reset"
    assert "internal error" in str(error)


@pytest.mark.parametrize("how", ["reset", "goaway", "goaway before", "close"])
def test_a_body_that_stops_in_the_middle_is_marked(https: Https, serve_http2: ServeHttp2, how: str) -> None:
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

    response = https().get(serve_http2(script).url(), max_bytes=100)
    assert (response.body, response.truncated, response.closed_early) == (b"the first half", True, True)


def test_what_belongs_to_another_connection_is_passed_over(https: Https, serve_http2: ServeHttp2) -> None:
    block = b"\x88\x00\x0aconnection\x05close\x00\x01x\x02 y"
    site = serve_http2(lambda asked: asked.talk.raw(frame(0x1, END_HEADERS | END_STREAM, asked.stream, block)))
    assert list(https().get(site.url(), max_bytes=10).headers.items()) == [("x", "y")]


def test_a_site_that_allows_no_request_on_a_kept_connection_is_asked_over_a_new_one(
    https: Https, serve_http2: ServeHttp2
) -> None:
    """MAX_CONCURRENT_STREAMS of 0, learnt with the first answer."""

    def script(asked: Asked) -> None:
        if asked.connection == 1:
            asked.talk.raw(frame(0x4, 0, 0, struct.pack(">HI", 0x3, 0)))
        hello(asked)

    assert connections_for(2, https(), serve_http2(script)) == 2
