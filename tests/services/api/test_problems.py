"""Errors: problem documents for programs, pages for people, and what an engine's death looks like."""

from __future__ import annotations

import re
import threading
import time

import pytest
import redis

from services.api.dependencies import ApiContext
from services.api.problems import Problem
from shared import queues
from shared.database import Database, connect
from shared.settings import Settings
from tests.services.api.served import Answer, Served, serve
from tests.shared.reading.newsroom import Newsroom, make_article

NOWHERE_POSTGRESQL = "postgresql://wiredesk@127.0.0.1:1/wiredesk"
NOWHERE_VALKEY = "redis://127.0.0.1:1/0"


def problem(answer: Answer) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate(answer.json())
    assert found.status == answer.status
    return found


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/v1/articles/X", 404, "no article X"),
        ("/v1/articles/%00", 404, "no article"),
        ("/v1/articles/X/versions", 404, "no article X"),
        ("/v1/feeds/77", 404, "no feed 77"),
        ("/v1/explain?url=https://a.example/x", 404, "never discovered"),
        ("/v1/explain?url=%00", 404, "neither a URL nor"),
        ("/v1/nothing", 404, "Not Found"),
        ("/v1/articles?cursor=x", 400, "cursor"),
        ("/v1/articles?limit=0", 422, "query.limit"),
        ("/v1/articles?limit=x", 422, "query.limit"),
        ("/v1/articles?from=2026-03-01T00:00:00", 422, "query.from"),
        ("/v1/articles?to=soon", 422, "query.to"),
        ("/v1/articles?feed=0", 422, "query.feed"),
        (f"/v1/articles?q={'x' * 501}", 422, "query.q"),
        ("/v1/feeds/x", 422, "path.feed_id"),
        (f"/v1/feeds/{2**63}", 422, "path.feed_id"),
        ("/v1/explain", 422, "query.url"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_document(idle: Served, path: str, status: int, detail: str) -> None:
    answer = idle.get(path)
    assert answer.status == status
    assert detail in problem(answer).detail


def test_each_refused_parameter_is_named(idle: Served) -> None:
    errors = problem(idle.get("/v1/articles?limit=0&feed=x")).errors
    assert [error.where for error in errors or ()] == ["query.feed", "query.limit"]


def test_writing_is_not_allowed_and_the_answer_says_what_is(idle: Served) -> None:
    answer = idle.get("/v1/articles", method="POST")
    assert problem(answer).status == 405
    assert "GET" in answer.headers["allow"]


def test_a_browser_gets_a_page_that_escapes_what_it_repeats(idle: Served) -> None:
    answer = idle.get("/articles/%3Cscript%3Ealert(1)", headers={"Accept": "text/html,*/*"})
    assert answer.status == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "No article &lt;script&gt;alert(1)." in answer.text
    assert "<script" not in answer.text


def test_the_api_answers_a_browser_in_its_own_form(idle: Served) -> None:
    assert problem(idle.get("/v1/articles/X", headers={"Accept": "text/html"})).status == 404


def test_a_defect_is_a_problem_too_and_says_nothing_of_the_inside(newsroom: Newsroom, api: Served) -> None:
    newsroom.publish(make_article())
    with newsroom.database.transaction() as connection:
        connection.execute("UPDATE article_versions SET record = '{}'")
    answer = api.get("/v1/articles")
    assert problem(answer).status == 500
    assert "KeyError" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_database_without_tables_says_how_to_mend_it(
    settings: Settings, database_url: str, valkey: redis.Redis
) -> None:
    with (
        Database(re.sub(r"/test_\d+", "/postgres", database_url, count=1)) as database,
        serve(ApiContext(settings, database, valkey)) as api,
    ):
        answer = api.get("/v1/articles")
        assert answer.status == 503
        assert problem(answer).detail.endswith("wiredesk migrate")
        assert api.get("/readyz").json()["postgresql"].endswith("wiredesk migrate")


def test_a_database_that_dies_while_it_is_asked_is_a_503(api: Served, database_url: str) -> None:
    answers: list[Answer] = []
    with connect(database_url) as blocker, connect(database_url, autocommit=True) as watcher:
        blocker.execute("LOCK TABLE articles IN ACCESS EXCLUSIVE MODE")
        asking = threading.Thread(target=lambda: answers.append(api.get("/v1/articles")))
        asking.start()
        for _ in range(400):
            ended = watcher.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            ).fetchone()
            if ended:
                break
            time.sleep(0.01)
        asking.join()
    assert answers[0].status == 503
    assert answers[0].headers["retry-after"] == "5"
    assert problem(answers[0]).detail == "PostgreSQL does not answer"
    assert api.get("/v1/articles").status == 200


def test_without_valkey_articles_can_be_read_and_figures_cannot(settings: Settings, database: Database) -> None:
    with queues.connect(NOWHERE_VALKEY) as nowhere, serve(ApiContext(settings, database, nowhere)) as api:
        assert api.get("/v1/articles").status == 200
        answer = api.get("/v1/stats")
        assert answer.status == 503
        assert problem(answer).detail == "Valkey does not answer"
        page = api.get("/", headers={"Accept": "text/html"})
        assert page.status == 200
        assert "The queues do not answer just now" in page.text


def test_liveness_and_readiness_tell_a_living_process_from_a_useful_one(settings: Settings, idle: Served) -> None:
    assert idle.get("/readyz").json() == {"status": "ok", "postgresql": "ok", "valkey": "ok"}
    with (
        Database(NOWHERE_POSTGRESQL) as database,
        queues.connect(NOWHERE_VALKEY) as nowhere,
        serve(ApiContext(settings, database, nowhere)) as broken,
    ):
        assert broken.get("/healthz").json() == {"status": "ok"}
        answer = broken.get("/readyz")
        assert answer.status == 503
        state = answer.json()
        assert state["status"] == "not ready"
        assert "cannot be reached" in state["postgresql"]
        assert state["valkey"] != "ok"
        assert "\n" not in state["postgresql"] + state["valkey"]
