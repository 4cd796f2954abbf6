"""What may be set for a feed's requests, and what a name and password in an address become."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from shared.credentials import (
    check_user,
    origin_text,
    read_cookie,
    read_header,
    read_origin,
    shown,
    split_userinfo,
    without_userinfo,
)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("X-Key: abc", "X-Key", "abc"),
        ("Authorization:Bearer a.b-c==", "Authorization", "Bearer a.b-c=="),
        ("  x-odd :  a: b; c  ", "x-odd", "a: b; c"),
        ("User-Agent: Me/1", "User-Agent", "Me/1"),
    ],
)
def test_a_header_is_a_name_and_a_value(text: str, name: str, value: str) -> None:
    got, secret = read_header(text)
    assert (got, secret.get_secret_value()) == (name, value)


@pytest.mark.parametrize(
    "text",
    [
        *("geheim", ": geheim", "X Y: geheim", "X-Key:", "X\u00e4: geheim", "X-Key: geheim\r\nHost: evil.example"),
        *("X-Key: geheim\n", "X-Key: ge\x00heim", "X-Key: geheim\u2028", "X\r\nHost: geheim", f"X: geheim{'x' * 9000}"),
        *("Host: geheim", "content-length: 5", "Transfer-Encoding: chunked", "CONNECTION: close", "Upgrade: geheim"),
        *("Accept-Encoding: geheim", "Proxy-Authorization: Basic geheim", "Cookie: geheim=1", "If-None-Match: geheim"),
        *("TE: geheim", "Keep-Alive: geheim", "Expect: 100-continue", "Trailer: geheim", "HTTP2-Settings: geheim"),
    ],
)
def test_what_no_header_can_be_is_refused_in_one_line_without_its_value(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_header(text)
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(("text", "value"), [("sid=a=b", "a=b"), ("sid=", ""), (" sid = x ", "x"), ('sid="x"', '"x"')])
def test_a_cookie_is_a_name_and_a_value(text: str, value: str) -> None:
    name, secret = read_cookie(text)
    assert (name, secret.get_secret_value()) == ("sid", value)


@pytest.mark.parametrize(
    "text",
    [
        "geheim",
        "=geheim",
        "a b=geheim",
        "a=geheim; b=2",
        "a=geheim\r\nX: y",
        "a=ge heim",
        "a=geheim\u00e4",
        "a=,geheim",
    ],
)
def test_what_no_cookie_can_be_is_refused_without_its_value(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_cookie(text)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "password"),
    [("", "geheim"), ("a:b", "geheim"), ("a", "geheim\n"), ("a\r", "geheim"), ("a", "geheim" * 2000)],
)
def test_what_no_user_can_be_is_refused_without_the_password(user: str, password: str) -> None:
    with pytest.raises(ValueError) as caught:
        check_user(SecretStr(user), SecretStr(password))
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "bare", "name", "password"),
    [
        ("https://user:geheim@news.example/feed?a@b", "https://news.example/feed?a@b", "user", "geheim"),
        ("https://us%40er:ge%3Ahe%2Fim@news.example:8443/", "https://news.example:8443/", "us@er", "ge:he/im"),
        ("http://user@news.example/", "http://news.example/", "user", ""),
        ("http://user:g@heim@news.example/", "http://news.example/", "user", "g@heim"),
        (" http://user:geheim@[::1]:80/ ", "http://[::1]:80/", "user", "geheim"),
    ],
)
def test_a_name_and_password_are_taken_out_of_an_address(url: str, bare: str, name: str, password: str) -> None:
    got, user = split_userinfo(url)
    assert user is not None
    assert (got, user.username.get_secret_value(), user.password.get_secret_value()) == (bare, name, password)
    assert "geheim" not in repr(user)
    assert without_userinfo(url) == bare
    assert shown(url) == bare.replace("://", "://***@", 1)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ftp://bob:geheim@x.example/f", "ftp://***@x.example/f"),
        ("bob:geheim@x.example", "***@x.example"),
        ("https://bob:ge@heim@x..example/", "https://***@x..example/"),
    ],
)
def test_what_is_no_address_is_shown_without_them_too(text: str, masked: str) -> None:
    assert shown(text) == masked


@pytest.mark.parametrize(
    "url", ["https://news.example/@user", "https://news.example/?q=a@b", "mailto:a@b.example", "x@y"]
)
def test_an_address_without_them_stays_as_it_is(url: str) -> None:
    assert split_userinfo(url) == (url, None)
    assert (without_userinfo(url), shown(url)) == (url, url)


@pytest.mark.parametrize(
    "url", ["https://@news.example/", "https://:geheim@news.example/", "https://a:ge%0aheim@x.example/"]
)
def test_those_that_cannot_be_sent_are_refused_unseen(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        split_userinfo(url)
    assert "heim" not in str(caught.value)


@pytest.mark.parametrize("origin", ["https://news.example", "http://news.example:8080", "http://[::1]:8080"])
def test_an_origin_is_written_as_it_is_read(origin: str) -> None:
    assert origin_text(read_origin(f"{origin}/feed")) == origin
