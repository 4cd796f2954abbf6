"""Through a proxy: http in absolute form, https by a tunnel, and the guard looks at every target all the same."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from shared.errors import ConfigurationError
from shared.http import GuardedClient, Proxy
from shared.settings import Settings

from .conftest import Clients, Https, Serve, ServeHttp2, failure, reply
from .loopback import server_tls
from .proxy_site import ProxySite

BASIC = "Basic dXNlcjpzZWNyZXQ="  # user:secret


Proxies = Callable[..., ProxySite]


@pytest.fixture
def proxies(ends: contextlib.ExitStack) -> Proxies:
    return lambda answers=None: ends.enter_context(contextlib.closing(ProxySite(answers)))


def test_http_is_asked_in_absolute_form(client_with: Clients, serve: Serve, proxies: Proxies) -> None:
    site, proxy = serve(lambda _: reply(body=b"news")), proxies()
    response = client_with(proxy=proxy.url()).get(site.url("/a?b=c"), max_bytes=100)
    assert (response.body, response.url) == (b"news", site.url("/a?b=c"))
    line, headers = proxy.requests[0]
    assert line == f"GET {site.url('/a?b=c')} HTTP/1.1"
    assert headers["host"] == f"127.0.0.1:{site.port}"
    assert site.requests[0].target == "/a?b=c"


def test_https_goes_through_a_tunnel_with_the_site_s_own_certificate(
    https: Https, serve: Serve, proxies: Proxies
) -> None:
    site, proxy = serve(lambda _: reply(body=b"secure"), tls=server_tls()), proxies()
    client = https(proxy=proxy.url())
    for _ in range(2):
        assert client.get(site.url(host="news.test"), max_bytes=100).body == b"secure"
    assert [line for line, _ in proxy.requests] == [f"CONNECT news.test:{site.port} HTTP/1.1"]
    assert failure(client, site.url(host="other.test")).reason == "tls"


def test_http2_works_inside_a_tunnel(https: Https, serve_http2: ServeHttp2, proxies: Proxies) -> None:
    proxy = proxies()
    site = serve_http2(lambda asked: asked.talk.reply(asked.stream, b"hello"))
    assert https(proxy=proxy.url()).get(site.url(), max_bytes=100).body == b"hello"
    assert proxy.connections == 1


@pytest.mark.parametrize("tls", [False, True])
def test_the_proxy_alone_learns_its_password(https: Https, serve: Serve, proxies: Proxies, tls: bool) -> None:
    site, proxy = serve(lambda _: reply(), tls=server_tls() if tls else None), proxies()
    client = https(proxy=proxy.url("user:secret@"))
    client.get(site.url(host="news.test"), max_bytes=100)
    assert proxy.requests[0][1]["proxy-authorization"] == BASIC
    assert "proxy-authorization" not in site.requests[0].headers
    assert "secret" not in repr(site.requests)


def test_a_request_may_take_a_proxy_of_its_own(client: GuardedClient, serve: Serve, proxies: Proxies) -> None:
    site, proxy = serve(lambda _: reply(body=b"x")), proxies()
    through = client.through(Proxy.at(proxy.url()))
    for asking in (client, through, client, through):
        assert asking.get(site.url(), max_bytes=10).body == b"x"
    assert len(proxy.requests) == 2
    assert proxy.connections == 1


def test_a_form_goes_through_the_proxy_too(https: Https, serve: Serve, proxies: Proxies) -> None:
    site, proxy = serve(lambda _: reply(), tls=server_tls()), proxies()
    client = https(proxy=proxy.url())
    client.post(site.url(host="news.test"), data={"a": "b"}, max_bytes=100)
    assert proxy.requests[0][0].startswith("CONNECT ")


def test_redirects_go_through_the_proxy(client_with: Clients, serve: Serve, proxies: Proxies) -> None:
    site, proxy = serve(lambda r: reply(302, Location="/b") if r.target == "/a" else reply(body=b"b")), proxies()
    assert client_with(proxy=proxy.url()).get(site.url("/a"), max_bytes=10).body == b"b"
    assert [line.split(" ")[1] for line, _ in proxy.requests] == [site.url("/a"), site.url("/b")]


def test_the_proxy_s_own_address_is_not_guarded_and_every_target_is(
    client_with: Clients, serve: Serve, proxies: Proxies
) -> None:
    site, proxy = serve(lambda _: reply()), proxies()
    client = client_with(proxy=proxy.url(), allowed_networks=(), resolver=lambda _: ["10.0.0.1"])
    for url in (site.url(), proxy.url(), site.url(host="inner.example"), f"https://127.0.0.1:{site.port}/"):
        assert failure(client, url).reason == "blocked_address"
    assert proxy.connections == 0


def test_the_public_web_may_be_asked_through_a_proxy_inside(client_with: Clients, proxies: Proxies) -> None:
    proxy = proxies(reply(body=b"from outside"))
    client = client_with(proxy=proxy.url(), allowed_networks=(), resolver=lambda _: ["93.184.216.34"])
    assert client.get("http://news.example/", max_bytes=100).body == b"from outside"


@pytest.mark.parametrize(
    ("answer", "scheme", "reason"),
    [
        (reply(407, Proxy_Authenticate="Basic"), "http", "proxy"),
        (reply(407, Proxy_Authenticate="Basic"), "https", "proxy"),
        (reply(403), "https", "proxy"),
        (reply(502), "https", "connect"),
        (reply(503), "https", "connect"),
        (b"220 smtp.example ready\r\n\r\n", "https", "proxy"),
        (b"HTTP/1.1 200 OK\r\n\r\nnot silent", "https", "proxy"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 60_000, "https", "proxy"),
    ],
)
def test_a_proxy_that_does_not_play_along_is_named(
    client_with: Clients, proxies: Proxies, answer: bytes, scheme: str, reason: str
) -> None:
    proxy = proxies(answer)
    client = client_with(proxy=proxy.url("user:secret@"), resolver=lambda _: ["127.0.0.1"], read_timeout_seconds=2)
    error = failure(client, f"{scheme}://news.example/")
    assert error.reason == reason
    assert f"127.0.0.1:{proxy.port}" in str(error)
    assert "secret" not in str(error)


def test_what_a_site_behind_a_proxy_answers_is_its_own(client_with: Clients, serve: Serve, proxies: Proxies) -> None:
    site, proxy = serve(lambda _: reply(403)), proxies()
    assert client_with(proxy=proxy.url()).get(site.url(), max_bytes=10).status == 403


def test_a_proxy_that_is_not_there_is_the_proxy_s_fault(client_with: Clients, proxies: Proxies) -> None:
    proxy = proxies()
    url = proxy.url()
    proxy.close()
    error = failure(client_with(proxy=url), "http://127.0.0.1:8080/")
    assert error.reason == "proxy"
    assert "cannot be reached" in str(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_silent_proxy_costs_the_read_timeout(client_with: Clients, proxies: Proxies, scheme: str) -> None:
    proxy = proxies(b"")
    client = client_with(proxy=proxy.url(), resolver=lambda _: ["127.0.0.1"], read_timeout_seconds=0.3)
    assert failure(client, f"{scheme}://news.example/").reason == "read_timeout"


@pytest.mark.parametrize(
    "url",
    [
        *("socks5://user:secret@h:1", "https://user:secret@h:1", "user:secret@h:1", "http://user:secret@h:1/path"),
        *("http://user:secret@", "http://user:secret@h:99999", "http://user:sec%0aret@h:1", "http://:secret@h:1"),
    ],
)
def test_what_is_no_proxy_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        Proxy.at(url)
    assert "sec" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="WIREDESK_PROXY") as told:
        GuardedClient(Settings.model_validate({"proxy": url}))
    assert "secret" not in str(told.value)


def test_a_proxy_does_not_show_its_password() -> None:
    proxy = Proxy.at("http://user:secret@proxy.example:3128")
    settings = Settings.model_validate({"proxy": "http://user:secret@proxy.example:3128"})
    assert "secret" not in f"{proxy} {proxy!r} {[proxy]} {settings!r} {settings.model_dump_json()}"
    assert proxy.fields() == {"Proxy-Authorization": BASIC}
