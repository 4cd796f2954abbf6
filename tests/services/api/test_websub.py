"""Where hubs call back: what is confirmed, what is kept, and what a stranger gets."""

from __future__ import annotations

import hmac
import http.client
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import redis

from services.api.dependencies import ApiContext
from services.api.websub import signatures
from shared.database import Database
from shared.ledger import feeds, push, subscriptions
from shared.settings import Settings
from tests.services.api.served import Answer, Served, serve

TOPIC = "https://paper.example/feed.xml"
BODY = b"<rss><channel><title>Paper</title></channel></rss>"
LIMIT = 4096


@dataclass
class Hub:
    """A hub's side of one subscription, and a look into its row."""

    api: Served
    database: Database
    token: str
    secret: str
    feed_id: int

    def call(self, mode: str, *, topic: str = TOPIC, token: str | None = None, **more: str) -> Answer:
        query = {"hub.mode": mode, "hub.topic": topic, **{f"hub.{name}": value for name, value in more.items()}}
        return self.api.get(f"/websub/{token or self.token}", query, headers={"Accept": "text/html"})

    def post(self, body: bytes, headers: Mapping[str, str], *, token: str | None = None) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.api.port, timeout=20)
        try:
            connection.request("POST", f"/websub/{token or self.token}", body, dict(headers))
            return connection.getresponse().status
        finally:
            connection.close()

    def deliver(self, body: bytes = BODY, *, method: str = "sha256", secret: str | None = None) -> int:
        digest = hmac.new((secret or self.secret).encode(), body, method).hexdigest()
        return self.post(body, {"X-Hub-Signature": f"{method}={digest}", "Content-Type": "application/rss+xml"})

    def row(self) -> dict[str, Any]:
        with self.database.transaction() as connection:
            query = """
                SELECT *, EXTRACT(epoch FROM lease_ends_at - now())::float AS lease_seconds,
                    EXTRACT(epoch FROM due_at - now())::float AS due_seconds
                FROM subscriptions ORDER BY id DESC LIMIT 1
                """
            row = connection.execute(query).fetchone()
        assert row is not None
        return row

    def set(self, assignments: str) -> None:
        with self.database.transaction() as connection:
            connection.execute(f"UPDATE subscriptions SET {assignments}".encode())

    def waiting(self) -> list[bytes]:
        with self.database.transaction() as connection:
            return [bytes(row["body"]) for row in connection.execute("SELECT body FROM pushes ORDER BY id")]


@pytest.fixture
def hub(settings: Settings, database: Database, valkey: redis.Redis) -> Iterator[Hub]:
    """A hub that was asked for a subscription a moment ago; reading the API takes a token."""
    with database.transaction() as connection:
        feed_id = feeds.add(connection, TOPIC).id
        subscriptions.want(connection, feed_id, hub="https://hub.example/", topic=TOPIC)
        wanted = subscriptions.current(connection, feed_id)
        assert wanted is not None
        subscriptions.claim(connection, wanted.id, 0, lease_seconds=60)
    guarded = settings.model_copy(update={"read_token": "needed", "feed_max_bytes": LIMIT, "poll_floor_seconds": 600})
    with serve(ApiContext(guarded, database, valkey)) as api:
        yield Hub(api, database, wanted.token, wanted.secret, feed_id)


def test_what_was_asked_for_is_confirmed_with_the_challenge_as_plain_text(hub: Hub) -> None:
    answer = hub.call("subscribe", challenge="<b>abc</b>", lease_seconds="86400")
    assert (answer.status, answer.body) == (200, b"<b>abc</b>")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    row = hub.row()
    assert (row["state"], row["attempts"]) == ("active", 0)
    assert row["lease_seconds"] == pytest.approx(86_400, abs=10)
    # At half life, a tenth of the lease earlier at most.
    assert 0.4 * 86_400 - 10 < row["due_seconds"] <= 0.5 * 86_400


def test_a_lease_is_believed_within_reason_and_renewed_no_sooner_than_feeds_are_polled(hub: Hub) -> None:
    day = 86_400
    for said, believed in (("99999999999", 30 * day), ("1e9", day), ("0", day), ("-5", day), ("²", day), ("60", 60)):
        assert hub.call("subscribe", challenge="x", lease_seconds=said).status == 200
        assert hub.row()["lease_seconds"] == pytest.approx(believed, abs=10), said
        assert hub.row()["due_seconds"] >= 590


def test_a_confirmation_may_be_asked_for_twice(hub: Hub) -> None:
    assert [hub.call("subscribe", challenge="x", lease_seconds="9000").status for _ in range(2)] == [200, 200]


OTHER = "https://paper.example/other.xml"
NOT_ASKED: list[tuple[str, dict[str, str]]] = [
    ("subscribe", {"topic": OTHER, "challenge": "x"}),
    ("subscribe", {"challenge": ""}),
    ("subscribe", {"challenge": "x" * 5000}),
    ("unsubscribe", {"challenge": "x"}),
    ("publish", {"challenge": "x"}),
    ("", {"challenge": "x"}),
    ("denied", {"topic": OTHER}),
]


def test_what_was_not_asked_for_is_not_confirmed(hub: Hub) -> None:
    for mode, facts in NOT_ASKED:
        answer = hub.call(mode, **facts)
        assert answer.status == 404, (mode, facts)
        assert b"xxxx" not in answer.body
        assert hub.row()["state"] == "asked"


def test_what_is_no_open_question_is_not_confirmed(hub: Hub) -> None:
    late = "state = 'active', asked_at = now() - interval '2 days'"
    for assignments in ("state = 'wanted'", late, "state = 'ended'", "state = 'denied'"):
        hub.set(assignments)
        assert hub.call("subscribe", challenge="x", lease_seconds="9000").status == 404, assignments
        assert hub.row()["verified_at"] is None
        hub.set("asked_at = now()")


def test_an_end_that_was_asked_for_is_confirmed_also_twice(hub: Hub) -> None:
    hub.set("state = 'ending'")
    assert hub.call("subscribe", challenge="x").status == 404
    assert [hub.call("unsubscribe", challenge="y").body for _ in range(2)] == [b"y", b"y"]
    assert (hub.row()["state"], hub.row()["due_at"]) == ("ended", None)


def test_a_denial_is_recorded_with_its_reason(hub: Hub) -> None:
    assert hub.call("denied", reason="no more\nroom").status == 200
    row = hub.row()
    assert (row["state"], row["detail"]) == ("denied", "denied by the hub: no more room")
    assert row["due_seconds"] == pytest.approx(7 * 86_400, abs=10)
    assert hub.deliver() == 410


def test_another_address_is_nowhere(hub: Hub) -> None:
    other_end = "A" if hub.token[-1] != "A" else "B"
    for token in (hub.token[:-1] + other_end, hub.token[:16], hub.token + "A", "x"):
        assert hub.call("subscribe", challenge="x", token=token).status == 404
        assert hub.post(BODY, {}, token=token) == 404


def test_an_unknown_address_is_answered_before_the_body_is_there(hub: Hub) -> None:
    with socket.create_connection(("127.0.0.1", hub.api.port), timeout=5) as connection:
        connection.sendall(b"POST /websub/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 404")


def test_a_signed_document_is_kept_and_its_feed_is_due(hub: Hub) -> None:
    assert [hub.deliver(method=method) for method in ("sha256", "sha384", "sha512")] == [202, 202, 202]
    assert hub.waiting() == [BODY, BODY, BODY]
    row = hub.row()
    assert (row["pushes"], row["bad_signatures"], row["last_push_at"] is not None) == (3, 0, True)
    with hub.database.transaction() as connection:
        connection.execute("UPDATE feeds SET due_at = now() + interval '1 day'")
        assert push.make_due(connection) == 1


def test_a_missing_or_wrong_signature_is_thanked_for_counted_and_dropped(hub: Hub) -> None:
    said = ["sha256=", f"sha256={'0' * 64}", "md5=\u00e9", "none", None]
    for count, value in enumerate(said, start=1):
        assert hub.post(BODY, {} if value is None else {"X-Hub-Signature": value}) == 202
        assert (hub.row()["pushes"], hub.row()["bad_signatures"]) == (0, count)
    assert hub.waiting() == []


def test_a_right_signature_by_a_weak_method_only_says_that_there_is_news(hub: Hub) -> None:
    assert hub.deliver(method="sha1") == 202
    assert (hub.waiting(), hub.row()["bad_signatures"]) == ([b""], 0)


def test_a_wrong_signature_by_a_weak_method_says_nothing(hub: Hub) -> None:
    assert hub.deliver(method="sha1", secret="another") == 202
    assert hub.deliver(secret="another") == 202
    assert (hub.waiting(), hub.row()["bad_signatures"]) == ([], 2)


def test_one_right_signature_beside_a_weak_one_is_enough(hub: Hub) -> None:
    right = hmac.new(hub.secret.encode(), BODY, "sha256").hexdigest().upper()
    assert hub.post(BODY, {"X-Hub-Signature": f"sha1=00, SHA256={right}"}) == 202
    assert hub.waiting() == [BODY]


def test_a_document_beyond_the_limit_is_refused(hub: Hub) -> None:
    assert [hub.deliver(b"x" * size) for size in (LIMIT + 1, 100 * LIMIT)] == [413, 413]
    assert hub.deliver(b"x" * LIMIT) == 202
    assert [len(body) for body in hub.waiting()] == [LIMIT]


def test_a_body_of_unsaid_length_is_cut_at_the_limit(hub: Hub) -> None:
    with socket.create_connection(("127.0.0.1", hub.api.port), timeout=5) as connection:
        head = f"POST /websub/{hub.token} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode() + b"1000\r\n" + b"x" * 4096 + b"\r\n" + b"1\r\nx\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_a_hub_that_still_delivers_hears_that_nobody_is_there(hub: Hub) -> None:
    for state in ("ending", "ended", "denied"):
        hub.set(f"state = '{state}'")
        assert hub.deliver() == 410
    assert hub.waiting() == []


def test_of_many_waiting_documents_the_newest_are_kept_and_the_loss_is_noted(hub: Hub) -> None:
    bodies = [b"document %d" % number for number in range(push.MOST_WAITING + 3)]
    for body in bodies:
        hub.deliver(body)
    assert hub.waiting() == bodies[3:]
    assert hub.row()["overflowed"]


def test_waiting_documents_are_bounded_in_bytes(hub: Hub) -> None:
    for number in range(6):
        hub.deliver(b"%d" % number + b"x" * (LIMIT // 2))
    assert [body[:1] for body in hub.waiting()] == [b"4", b"5"]


def test_a_delivery_is_answered_at_once_while_a_poll_has_the_feed(hub: Hub) -> None:
    with hub.database.transaction() as connection:
        connection.execute("SELECT 1 FROM feeds WHERE id = %s FOR NO KEY UPDATE", [hub.feed_id])
        began = time.monotonic()
        assert hub.deliver() == 202
        assert time.monotonic() - began < 1.0
    assert hub.waiting() == [BODY]


def test_neither_token_nor_secret_is_told_to_readers(hub: Hub) -> None:
    hub.call("subscribe", challenge="x", lease_seconds="9000")
    answer = hub.api.get(f"/v1/feeds/{hub.feed_id}", headers={"Authorization": "Bearer needed"})
    assert answer.json()["push"]["state"] == "active"
    assert hub.token not in answer.text
    assert hub.secret not in answer.text
    with hub.database.transaction() as connection:
        assert hub.secret not in repr(subscriptions.current(connection, hub.feed_id))


def test_signatures_are_read_from_every_header_and_spelling() -> None:
    assert signatures(["sha1=aa", " SHA512 = BB"]) == [("sha1", b"aa"), ("sha512", b"bb")]
    assert signatures(["sha256=aa,sha384=bb", "sha1=cc"]) == [("sha256", b"aa"), ("sha384", b"bb"), ("sha1", b"cc")]
    assert signatures([]) == []
    assert len(signatures(["sha256=a," * 100])) == 4
