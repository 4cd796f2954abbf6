"""What an operator lets requests carry goes to its own origin, and shows nowhere."""

from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from shared.credentials import Credentials
from shared.errors import FetchError
from shared.http import GuardedClient
from shared.webaddress import web_address

from .conftest import Clients, Https, Serve, ServeHttp2, Site, reply
from .http2_site import Http2Site

SECRETS = ("geheim", "k-123", "sid-456", "dXNlcjpnZWhlaW0=")


def credentials_for(site: Site | Http2Site) -> Credentials:
    return Credentials(
        origin=web_address(site.url()).origin,
        headers={"X-Key": SecretStr("k-123"), "accept": SecretStr("text/x-secret")},
        cookies={"sid": SecretStr("sid-456"), "lang": SecretStr("de")},
        username=SecretStr("user"),
        password=SecretStr("geheim"),
    )


def test_headers_cookies_and_basic_authentication_are_sent(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply())
    response = client.get(site.url(), max_bytes=10, headers={"Accept": "text/xml"}, credentials=credentials_for(site))
    headers = site.requests[0].headers
    assert headers["authorization"] == "Basic dXNlcjpnZWhlaW0="
    assert headers["cookie"] == "sid=sid-456; lang=de"
    assert (headers["x-key"], headers["accept"]) == ("k-123", "text/x-secret")
    assert response.credentials_sent is True


def test_a_user_name_replaces_an_authorization_header(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply())
    both = Credentials(
        origin=web_address(site.url()).origin,
        headers={"authorization": SecretStr("Bearer x")},
        username=SecretStr("user"),
    )
    client.get(site.url(), max_bytes=10, credentials=both)
    assert site.requests[0].headers["authorization"] == "Basic dXNlcjo="


def test_nothing_goes_to_another_origin_on_the_way(client: GuardedClient, serve: Serve) -> None:
    home: list[str] = []
    other = serve(lambda _: reply(302, Location=home[0]))
    site = serve(lambda r: reply(302, Location=other.url()) if r.target == "/" else reply())
    home.append(site.url("/back"))
    response = client.get(site.url(), max_bytes=10, credentials=credentials_for(site))
    assert all("authorization" in request.headers for request in site.requests)
    assert not {"authorization", "cookie", "x-key"} & set(other.requests[0].headers)
    assert other.requests[0].headers["accept"] == "*/*"
    assert response.credentials_sent is True


def test_a_page_elsewhere_gets_nothing(client: GuardedClient, serve: Serve) -> None:
    site, other = serve(lambda _: reply()), serve(lambda _: reply(401))
    response = client.get(other.url(), max_bytes=10, credentials=credentials_for(site))
    assert not {"authorization", "cookie", "x-key"} & set(other.requests[0].headers)
    assert response.credentials_sent is False
    assert response.words == f"{other.url()} answered 401, credentials were not sent: they are for another origin"


@pytest.mark.parametrize(
    ("ours", "there", "sent"),
    [
        ("http://news.example/feed", "http://news.example/other", True),
        ("http://news.example/feed", "https://news.example/feed", True),
        ("https://news.example/feed", "http://news.example/feed", False),
        ("http://news.example:8080/feed", "https://news.example/feed", False),
        ("http://news.example/feed", "https://news.example:8443/feed", False),
        ("https://news.example/feed", "https://www.news.example/feed", False),
        ("https://news.example/feed", "https://news.example:444/feed", False),
        ("https://news.example/feed", "https://news.example.evil.example/feed", False),
    ],
)
def test_an_origin_is_scheme_host_and_port_and_tls_may_be_added(ours: str, there: str, sent: bool) -> None:
    assert Credentials(origin=web_address(ours).origin).are_for(web_address(there)) is sent


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_says_whether_credentials_were_sent(client: GuardedClient, serve: Serve, status: int) -> None:
    site = serve(lambda _: reply(status))
    told = client.get(site.url(), max_bytes=10, credentials=credentials_for(site)).words
    assert told == f"{site.url()} answered {status}, credentials were sent"
    assert client.get(site.url(), max_bytes=10).words == f"{site.url()} answered {status}"


def test_other_answers_say_nothing_about_credentials(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(500))
    told = client.get(site.url(), max_bytes=10, credentials=credentials_for(site)).words
    assert told == f"{site.url()} answered 500"


@pytest.mark.parametrize("http2", [False, True])
def test_not_even_the_libraries_debug_logs_show_them(
    https: Https, serve: Serve, serve_http2: ServeHttp2, caplog: pytest.LogCaptureFixture, http2: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    client = https()
    site: Site | Http2Site
    if http2:
        site = serve_http2(lambda asked: asked.talk.reply(asked.stream, b"x", set_cookie="sid=sid-456"))
    else:
        site = serve(lambda _: reply(Set_Cookie="sid=sid-456"))
    logging.getLogger("a test").debug("this much is seen")
    response = client.get(site.url(), max_bytes=10, credentials=credentials_for(site))
    site.close()
    assert response.credentials_sent
    assert "this much is seen" in caplog.text
    assert not [secret for secret in SECRETS if secret in caplog.text]


def test_no_error_and_no_repr_shows_them(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: b"")
    sent = credentials_for(site)
    with pytest.raises(FetchError) as hung_up:
        client_with().get(site.url(), max_bytes=10, credentials=sent)
    broken = Credentials(origin=sent.origin, headers={"X-Key": SecretStr("k-123\r\nX: geheim")})
    with pytest.raises(FetchError) as impossible:
        client_with().get(site.url(), max_bytes=10, credentials=broken)
    assert impossible.value.reason == "protocol"
    shown = f"{sent!r} {sent} {hung_up.value!r} {impossible.value} {impossible.value!r} {impossible.value.__cause__!r}"
    assert not [secret for secret in SECRETS if secret in shown]


@pytest.mark.parametrize("url", ["http://user:geheim@news.example/", "http://user:geheim@[::1/"])
def test_an_address_with_a_password_is_refused_without_showing_it(client: GuardedClient, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        client.get(url, max_bytes=10)
    assert caught.value.reason == "bad_url"
    assert "geheim" not in f"{caught.value} {caught.value.url}"


def test_a_redirect_with_a_password_is_refused_without_showing_it(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(302, Location="http://user:geheim@127.0.0.1/"))
    with pytest.raises(FetchError) as caught:
        client.get(site.url(), max_bytes=10)
    assert caught.value.reason == "bad_redirect"
    assert "geheim" not in f"{caught.value} {caught.value.url}"
