"""Who may read: everyone, or who has the token."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import pytest
import redis

from services.api.app import create_app
from services.api.dependencies import ApiContext, given_token
from shared.database import Database
from shared.settings import Settings
from tests.services.api.served import Served, serve
from tests.shared.reading.newsroom import Newsroom, make_article

TOKEN = "correct horse battery ställe"
PATHS = [
    "/v1/articles",
    "/v1/articles/X",
    "/v1/articles/X/versions",
    "/v1/schema/article",
    "/v1/events",
    "/v1/feeds",
    "/v1/feeds/1",
    "/v1/alerts",
    "/v1/explain?url=x",
    "/v1/sites",
    "/v1/stats",
    "/",
    "/articles/X",
    "/feeds",
    "/docs",
]
OPEN = ["/healthz", "/readyz", "/openapi.json", "/static/console.css"]


@pytest.fixture
def guarded(settings: Settings, database: Database, valkey: redis.Redis) -> Iterator[Served]:
    with serve(ApiContext(settings.model_copy(update={"read_token": TOKEN}), database, valkey)) as served:
        yield served


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def test_no_route_is_left_out_here(settings: Settings, database: Database, valkey: redis.Redis) -> None:
    app = create_app(ApiContext(settings, database, valkey))
    known = [path.partition("?")[0] for path in PATHS + OPEN]
    documented = [path.replace("{article_id}", "X").replace("{feed_id}", "1") for path in app.openapi()["paths"]]
    assert set(documented) <= set(known)


def test_without_the_token_nothing_is_told(guarded: Served) -> None:
    for path in PATHS:
        for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": basic("x", "wrong")}):
            answer = guarded.get(path, headers=header)
            assert answer.status == 401, path
            assert "Bearer" in answer.headers["www-authenticate"]
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_probe_and_the_style_sheet_need_no_token(guarded: Served) -> None:
    assert [guarded.get(path).status for path in OPEN] == [200, 200, 200, 200]


def test_a_program_reads_with_the_bearer_token_and_a_person_with_a_password(
    newsroom: Newsroom, guarded: Served
) -> None:
    newsroom.publish(make_article())
    bearer = "Bearer " + TOKEN.encode().decode("latin-1")
    assert guarded.get("/v1/articles", headers={"Authorization": basic("anyone", TOKEN)}).status == 200
    assert guarded.get("/", headers={"Authorization": basic("", TOKEN)}).status == 200
    assert guarded.get("/v1/articles", headers={"Authorization": bearer}).status == 200


def test_a_browser_is_asked_for_the_password_on_a_page(guarded: Served) -> None:
    answer = guarded.get("/", headers={"Accept": "text/html"})
    assert answer.status == 401
    assert 'Basic realm="Wiredesk"' in answer.headers["www-authenticate"]
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", b"abc"),
        ("bearer  abc ", b"abc"),
        ("abc", b""),
        ("Token abc", b""),
        ("", b""),
        (basic("me", "a:b"), b"a:b"),
        ("Basic ????", b""),
        ("Basic \u00e9", b""),
        ("Basic " + b64encode(b"\xff\xfe:x").decode(), b"x"),
        ("Basic " + b64encode(b"nocolon").decode(), b""),
    ],
)
def test_the_token_is_read_from_either_scheme(header: str, token: bytes) -> None:
    assert given_token(header) == token


def test_the_openapi_document_says_that_a_token_is_needed(guarded: Served, idle: Served) -> None:
    document = guarded.get("/openapi.json").json()
    assert document["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    assert document["paths"]["/v1/articles"]["get"]["security"] == [{"token": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert "securitySchemes" not in idle.get("/openapi.json").json()["components"]
