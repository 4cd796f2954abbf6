"""What a response answers about itself; nothing here needs a server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http import FetchReason, Headers, Response, Validators
from shared.http.reasons import fetch_error

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def answered(**headers: str) -> Response:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Response(status=200, url="http://x/", headers=Headers(pairs), body=b"")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("Tue, 24 Nov 2026 12:05:00 GMT", 300),
        ("Tue, 24 Nov 2026 14:05:00 +0200", 300),
        ("Tuesday, 24-Nov-26 12:05:00 GMT", 300),
        ("Tue Nov 24 12:05:00 2026", 300),
        ("Mon, 23 Nov 2026 12:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read_in_both_its_forms(value: str, seconds: float) -> None:
    assert answered(Retry_After=value).retry_after(NOW) == seconds


@pytest.mark.parametrize("value", ["", "-5", "1e3", "soon", "12.5", "9" * 5000, "٣", "Tue, 99 Nov 2026 12:05:00 GMT"])
def test_a_retry_after_that_says_nothing_is_none(value: str) -> None:
    assert answered(Retry_After=value).retry_after(NOW) is None
    assert answered().retry_after(NOW) is None


@given(st.text())
def test_no_retry_after_raises_or_is_negative(value: str) -> None:
    seconds = answered(Retry_After=value).retry_after(NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("value", "media_type"),
    [
        ("text/html", "text/html"),
        ("Application/RSS+XML ; charset=utf-8", "application/rss+xml"),
        ("text/html,text/html", None),
        ("html", None),
        ("", None),
    ],
)
def test_the_media_type_is_read_without_its_parameters(value: str, media_type: str | None) -> None:
    assert answered(Content_Type=value).content_type == media_type
    assert answered().content_type is None


def test_header_fields_are_found_in_any_case_and_listed_as_they_came() -> None:
    headers = Headers([("ETag", "1"), ("Via", "a"), ("VIA", "b")])
    assert headers["etag"] == "1"
    assert headers.get("via") == "a, b"
    assert headers.get("age") is None
    assert "vIa" in headers
    assert list(headers.items()) == [("ETag", "1"), ("Via", "a"), ("VIA", "b")]
    assert len(headers.items()) == 3
    assert list(headers) == ["ETag", "Via"]
    assert len(headers) == 2


@pytest.mark.parametrize("etag", ['"a"', 'W/"a b"', "no quotes", "x" * 1024])
def test_validators_are_kept_as_they_came(etag: str) -> None:
    assert answered(ETag=etag).validators == Validators(etag=etag)


@pytest.mark.parametrize("etag", ["", "x" * 1025, "schnee\u2603", "a\x00b"])
def test_validators_that_cannot_be_sent_back_are_not_kept(etag: str) -> None:
    assert answered(ETag=etag, Last_Modified=etag).validators == Validators()


def test_every_reason_is_a_short_plain_code() -> None:
    for reason in FetchReason:
        error = fetch_error(reason, "why", "http://x/")
        assert type(error.reason) is str
        assert error.reason == reason
        assert len(error.reason) <= 20
