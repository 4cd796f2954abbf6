"""The guarded client against real servers on loopback: what it sends, follows, keeps and reports."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.http import GuardedClient, Validators

from .conftest import Clients, Request, Serve, failure, reply


class SiteBusyError(Exception):
    """What a caller's pacing raises."""


def test_a_page_comes_back_with_its_headers_as_the_site_wrote_them(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(body=b"hello", Content_Type="Text/HTML; charset=x", X_ODD="1", x_odd="2"))
    response = client.get(site.url("/a?b=c"), max_bytes=1000)
    assert response.status == 200
    assert response.is_success
    assert response.body == b"hello"
    assert not response.truncated
    assert response.url == site.url("/a?b=c")
    assert response.content_type == "text/html"
    assert list(response.headers.items())[1:] == [
        ("Content-Type", "Text/HTML; charset=x"),
        ("X-ODD", "1"),
        ("x-odd", "2"),
    ]
    assert site.requests[0].target == "/a?b=c"


def test_every_request_says_who_asks_and_what_it_can_read(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: reply())
    client_with(user_agent="Testdesk/1 (+https://desk.example)").get(site.url(), max_bytes=10)
    assert site.requests[0].headers == {
        "host": f"127.0.0.1:{site.port}",
        "user-agent": "Testdesk/1 (+https://desk.example)",
        "accept": "*/*",
        "accept-encoding": "gzip, deflate, br, zstd",
        "connection": "keep-alive",
    }


def test_headers_of_the_caller_replace_ours(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply())
    client.get(site.url(), max_bytes=10, headers={"accept": "text/html", "X-More": "yes"})
    assert site.requests[0].headers["accept"] == "text/html"
    assert site.requests[0].headers["x-more"] == "yes"


def test_validators_make_the_request_conditional(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(304, ETag='W/"2"'))
    response = client.get(site.url(), max_bytes=10, conditional=Validators('"1"', "Mon, 01 Jan 2024 00:00:00 GMT"))
    assert site.requests[0].headers["if-none-match"] == '"1"'
    assert site.requests[0].headers["if-modified-since"] == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert response.is_not_modified
    assert response.validators == Validators('W/"2"', None)


def test_a_304_nobody_asked_for_is_a_status_like_any_other(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(304))
    response = client.get(site.url(), max_bytes=10)
    assert (response.status, response.body, response.is_success) == (304, b"", False)


def test_validators_no_header_can_carry_are_not_sent(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply())
    client.get(site.url(), max_bytes=10, conditional=Validators('"1"\r\nX-Evil: yes', "snow☃"))
    assert not {"if-none-match", "if-modified-since", "x-evil"} & set(site.requests[0].headers)


def test_cookies_are_not_kept(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(Set_Cookie="id=1"))
    client.get(site.url(), max_bytes=10)
    client.get(site.url(), max_bytes=10)
    assert "cookie" not in site.requests[1].headers


def test_proxies_of_the_environment_are_ignored(
    client_with: Clients, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(lambda _: reply(body=b"proxy"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url())
    site = serve(lambda _: reply(body=b"site"))
    assert client_with().get(site.url(), max_bytes=10).body == b"site"
    assert proxy.requests == []


def test_a_connection_serves_one_request_after_the_other(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(body=b"x"))
    for _ in range(5):
        client.get(site.url(), max_bytes=10)
    assert site.connections == 1


def test_a_short_redirect_keeps_its_connection(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda r: reply(301, b"moved", Location="/new") if r.target == "/old" else reply(body=b"new"))
    assert client.get(site.url("/old"), max_bytes=10).body == b"new"
    assert site.connections == 1


def test_a_kept_connection_that_the_site_gave_up_is_replaced(client: GuardedClient, serve: Serve) -> None:
    def hang_up_on_the_second_request(request: Request) -> bytes:
        earlier = sum(one.connection == request.connection for one in site.requests)
        return b"" if earlier > 1 else reply(body=b"x")

    site = serve(hang_up_on_the_second_request)
    asked: list[str] = []
    for _ in range(2):
        assert client.get(site.url(), max_bytes=10, before_request=asked.append).body == b"x"
    assert site.connections == 2
    assert len(asked) == len(site.requests) == 3


def test_a_site_that_always_hangs_up_is_asked_once(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: b"")
    assert failure(client, site.url()).reason == "reset"
    assert len(site.requests) == 1


def test_many_threads_share_a_client(client_with: Clients, serve: Serve) -> None:
    together = threading.Barrier(40, timeout=20)

    def answer(request: Request) -> bytes:
        together.wait()
        return reply(body=request.target.encode())

    site = serve(answer)
    client = client_with(fetch_concurrency=4)

    def fetch(number: int) -> bytes:
        return client.get(site.url(f"/{number}"), max_bytes=100).body

    with ThreadPoolExecutor(40) as threads:
        for _ in range(2):
            bodies = list(threads.map(fetch, range(40)))
            assert bodies == [f"/{number}".encode() for number in range(40)]


def test_twice_as_many_connections_as_requests_are_kept(client_with: Clients, serve: Serve) -> None:
    together = threading.Barrier(10, timeout=20)

    def answer(_: Request) -> bytes:
        together.wait()
        return reply(body=b"x")

    site = serve(answer)
    client = client_with(fetch_concurrency=2)
    with ThreadPoolExecutor(10) as threads:
        for connections in (10, 16):
            list(threads.map(lambda _: client.get(site.url(), max_bytes=100), range(10)))
            assert site.connections == connections


def test_two_hundred_header_fields_are_fine(client: GuardedClient, serve: Serve) -> None:
    many = "".join(f"X-{number}: {number}\r\n" for number in range(200))
    site = serve(lambda _: f"HTTP/1.1 200 OK\r\n{many}Content-Length: 0\r\n\r\n".encode())
    assert client.get(site.url(), max_bytes=10).headers["x-199"] == "199"


@pytest.mark.parametrize(
    "endless", [b"X-More: yes\r\n" * 1000, b"a" * 10_000, b"HTTP/1.1 103 Early\r\n\r\n"], ids=["many", "long", "1xx"]
)
def test_headers_without_end_are_refused(client: GuardedClient, serve: Serve, endless: bytes) -> None:
    start = [] if endless.startswith(b"HTTP") else [b"HTTP/1.1 200 OK\r\nX-Long: "]

    def answer(_: Request) -> list[bytes]:
        return [*start, *[endless * (1 + 50_000 // len(endless))] * 20]

    assert failure(client, serve(answer).url()).reason == "headers_too_large"


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"SSH-2.0-OpenSSH_9\r\n\r\n",
        b"<html>no header at all</html>\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
    ],
)
def test_what_is_not_http_is_a_protocol_error(client: GuardedClient, serve: Serve, bytes_sent: bytes) -> None:
    site = serve(lambda _: [bytes_sent, b""])
    assert failure(client, site.url()).reason == "protocol"


def test_a_refused_connection_is_a_connect_error(client: GuardedClient) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/"
        error = failure(client, url)
    assert (error.reason, error.url) == ("connect", url)


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "http://u:p@127.0.0.1/", "nonsense", "http://127.0.0.1:0/"])
def test_an_address_that_is_none_of_the_web_is_refused(client: GuardedClient, url: str) -> None:
    assert failure(client, url).reason == "bad_url"


def test_the_caller_is_asked_before_every_hop(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda r: reply(302, Location="/b") if r.target == "/a" else reply())
    asked: list[str] = []
    client.get(site.url("/a"), max_bytes=10, before_request=asked.append)
    assert asked == [site.url("/a"), site.url("/b")]


def test_what_the_caller_raises_before_a_request_passes_through(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(302, Location="/b"))

    def busy(url: str) -> None:
        if url.endswith("/b"):
            raise SiteBusyError

    with pytest.raises(SiteBusyError):
        client.get(site.url("/a"), max_bytes=10, before_request=busy)
    assert [request.target for request in site.requests] == ["/a"]


def test_a_silent_site_is_given_up_after_the_read_timeout(client_with: Clients, serve: Serve) -> None:
    over = threading.Event()

    def answer(_: Request) -> bytes:
        over.wait(10)
        return b""

    site = serve(answer)
    began = time.monotonic()
    error = failure(client_with(read_timeout_seconds=0.2), site.url())
    over.set()
    assert error.reason == "read_timeout"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("where", ["header", "body"])
def test_a_slow_loris_ends_with_the_deadline(client_with: Clients, serve: Serve, where: str) -> None:
    over = threading.Event()

    def answer(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n" + (b"X: " if where == "header" else b"\r\n")
        while not over.wait(0.05):
            yield b"x"

    site = serve(answer)
    began = time.monotonic()
    error = failure(client_with(deadline_seconds=0.5, read_timeout_seconds=5), site.url())
    over.set()
    assert error.reason == "deadline"
    assert 0.5 <= time.monotonic() - began < 4


def test_the_deadline_spans_redirects(client_with: Clients, serve: Serve) -> None:
    def answer(request: Request) -> bytes:
        time.sleep(0.2)
        return reply(302, Location=f"/{int(request.target[1:]) + 1}")

    site = serve(answer)
    assert failure(client_with(deadline_seconds=0.7), site.url("/1")).reason == "deadline"
    assert 2 <= len(site.requests) <= 4


def test_waiting_for_a_turn_does_not_count_towards_the_deadline(client_with: Clients, serve: Serve) -> None:
    now = [0.0]
    site = serve(lambda r: reply(302, Location="/b") if r.target == "/a" else reply(body=b"there"))

    def wait_long(_: str) -> None:
        now[0] += 1000

    client = client_with(deadline_seconds=1, clock=lambda: now[0])
    assert client.get(site.url("/a"), max_bytes=10, before_request=wait_long).body == b"there"


def test_an_error_status_is_an_answer_even_with_a_broken_body(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(503, b"not gzip", Content_Encoding="gzip", Retry_After="7"))
    response = client.get(site.url(), max_bytes=100)
    assert (response.status, response.headers["retry-after"]) == (503, "7")
    assert response.truncated
