"""Asking a hub: what is sent, what its answers mean, and that they do not overwrite what it said by calling back."""

from __future__ import annotations

from typing import Any

import pytest

from services.fetcher.websub import Verdict, ask, form, judge_answer, judge_error, wait_after
from shared.errors import FetchError
from shared.http import Response
from shared.http.response import Headers
from shared.jobs import AskHub
from shared.ledger import subscriptions
from shared.ledger.subscriptions import believed_lease, renewal_after
from tests.services.fetcher.conftest import Fetching
from wiredesk.testweb import Answer, Hub, NewsWeb

HOUR, DAY = 3600.0, 86_400.0
TOPIC = "https://paper.example/feed.xml"


def answer(status: int, *, ending: bool = False, attempts: int = 1, retry_after: float | None = None) -> Verdict:
    response = Response(status=status, url="https://hub.example/", headers=Headers(), body=b"secret")
    return judge_answer(response, ending=ending, attempts=attempts, retry_after=retry_after, jitter=0.0)


def test_a_hub_that_does_not_call_back_is_asked_ever_more_rarely_and_for_ever() -> None:
    assert [wait_after(attempts, 0.0) for attempts in (1, 2, 3, 4, 5, 1000)] == [600, HOUR, 6 * HOUR, DAY, DAY, DAY]
    assert wait_after(1000, 0.999) <= 1.1 * DAY


def test_what_answers_mean() -> None:
    assert answer(202) == Verdict(600)
    assert answer(204) == Verdict(600)
    assert answer(500, attempts=2) == Verdict(HOUR, "https://hub.example/ answered 500")
    assert answer(302).seconds == 600
    assert answer(429, retry_after=7200).seconds == 7200
    assert answer(503, retry_after=10**9).seconds == 6 * HOUR
    assert answer(202, ending=True).seconds == 600
    assert answer(202, ending=True, attempts=3).seconds is None
    assert answer(404, ending=True).seconds is None
    assert answer(404).seconds == 600
    assert answer(500, ending=True).seconds == 600
    assert answer(500, ending=True, attempts=3).seconds is None


def test_what_errors_mean() -> None:
    down = FetchError("connect", "nobody there", url="https://hub.example/")
    refused = FetchError("blocked_address", "a private address", url="https://hub.example/")
    assert judge_error(down, ending=False, attempts=1, jitter=0.0) == Verdict(600, "nobody there")
    assert judge_error(refused, ending=False, attempts=1, jitter=0.0).seconds == DAY
    assert judge_error(refused, ending=True, attempts=1, jitter=0.0).seconds is None
    assert judge_error(down, ending=True, attempts=3, jitter=0.0).seconds is None


def test_leases_are_renewed_at_half_their_time_and_not_all_at_once() -> None:
    assert renewal_after(10 * DAY, floor=600, jitter=0.0) == 5 * DAY
    assert 4 * DAY < renewal_after(10 * DAY, floor=600, jitter=0.999) < 4.1 * DAY
    assert renewal_after(10, floor=600, jitter=0.5) == 600
    assert [believed_lease(said) for said in ("3600", " 60 ", "9" * 40, "0", "", None, "-1", "1.5")] == [
        HOUR, 60, 30 * DAY, DAY, DAY, DAY, DAY, DAY,
    ]  # fmt: skip


class Asking:
    """A feed's subscription, and the fetcher that asks its hub."""

    def __init__(self, fetching: Fetching, hub_url: str, public_url: str | None) -> None:
        self.fetching = fetching.with_settings(public_url=public_url)
        self.feed_id = fetching.add_feed(TOPIC)
        with fetching.context.database.transaction() as connection:
            subscriptions.want(connection, self.feed_id, hub=hub_url, topic=TOPIC)

    def row(self) -> dict[str, Any]:
        query = "SELECT *, EXTRACT(epoch FROM due_at - now())::float AS wait FROM subscriptions"
        return self.fetching.one(query)

    def set(self, assignments: str) -> None:
        self.fetching.one(f"UPDATE subscriptions SET {assignments} RETURNING id")

    def ask(self, *, lease: int | None = None) -> str:
        row = self.fetching.one("UPDATE subscriptions SET lease = lease + 1, leased_at = now() RETURNING *")
        number = row["lease"] if lease is None else lease
        job = AskHub(subscription_id=row["id"], errand="subscribe", lease=number, site=row["site"])
        self.fetching.context.politeness.reserve(job.site, [job.job_id], ttl_seconds=60)
        return ask(self.fetching.context, job)


@pytest.fixture
def hub(web: NewsWeb) -> Hub:
    return Hub(web.site("hub"))


@pytest.fixture
def asking(fetching: Fetching, web: NewsWeb, hub: Hub) -> Asking:
    return Asking(fetching, hub.url, web.site("desk").url("/"))


def test_a_hub_is_asked_as_the_recommendation_has_it(asking: Asking, hub: Hub, web: NewsWeb) -> None:
    assert asking.ask() == "asked: the hub is to call back"
    (asked,) = hub.requests
    row = asking.row()
    assert asked == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": web.site("desk").url(f"/websub/{row['token']}"),
        "hub.lease_seconds": "864000",
        "hub.secret": row["secret"],
    }
    assert (row["state"], row["attempts"], row["leased_at"]) == ("asked", 1, None)
    assert 590 < row["wait"] < 661
    assert asking.fetching.tokens() == 0


def test_an_end_is_asked_for_without_the_secret(asking: Asking, hub: Hub) -> None:
    asking.set("state = 'ending'")
    asking.ask()
    assert set(hub.requests[0]) == {"hub.mode", "hub.topic", "hub.callback"}
    assert hub.requests[0]["hub.mode"] == "unsubscribe"
    assert asking.row()["state"] == "ending"


def test_a_hub_that_calls_back_before_it_answers_is_believed(fetching: Fetching, web: NewsWeb) -> None:
    def confirm(_: object) -> Answer:
        with fetching.context.database.transaction() as connection:
            row = early.row()
            assert subscriptions.confirm(connection, row["id"], lease=1000, renew_after=500)
        return Answer(status=500)

    early = Asking(fetching, web.site("hub").answer("/hub", confirm), "https://desk.example")
    early.ask()
    row = early.row()
    assert (row["state"], row["attempts"], row["detail"], row["leased_at"]) == ("active", 0, None, None)
    assert 490 < row["wait"] < 501


def test_a_hub_that_is_down_is_asked_again_later_and_its_words_are_not_repeated(asking: Asking, hub: Hub) -> None:
    hub.die()
    assert asking.ask() == f"{hub.url} answered 503"
    row = asking.row()
    assert (row["state"], row["detail"]) == ("asked", f"{hub.url} answered 503")
    assert row["wait"] > 590
    assert asking.fetching.held("hub.localhost") > 0


def test_a_hub_whose_site_is_held_is_not_asked_and_that_is_no_attempt(asking: Asking, web: NewsWeb) -> None:
    asking.fetching.has_rest("hub.localhost", 60)
    assert "may be asked in" in asking.ask()
    row = asking.row()
    assert (row["attempts"], row["leased_at"]) == (0, None)
    assert 50 < row["wait"] < 61
    assert not web.log


def test_a_request_that_was_issued_again_since_is_not_made(asking: Asking, web: NewsWeb) -> None:
    assert asking.ask(lease=0) == "superseded"
    assert not web.log


def test_a_hub_at_a_private_address_is_never_asked(fetching: Fetching) -> None:
    asking = Asking(fetching, "http://10.0.0.1/hub", "https://desk.example")
    asking.ask()
    assert asking.row()["wait"] >= DAY - 10
    assert "10.0.0.1" in asking.row()["detail"]


def test_without_an_address_for_callbacks_nobody_is_asked(fetching: Fetching, hub: Hub) -> None:
    asking = Asking(fetching, hub.url, None)
    assert "WIREDESK_PUBLIC_URL" in asking.ask()
    assert hub.requests == []


def test_what_is_secret_is_in_no_job(asking: Asking) -> None:
    row = asking.row()
    job = AskHub(subscription_id=row["id"], errand="renew", lease=1, site=row["site"], title="Paper")
    told = job.model_dump_json() + job.description + job.job_id
    assert row["token"] not in told
    assert row["secret"] not in told


def test_the_form_for_a_callback() -> None:
    wanted = subscriptions.Subscription(
        id=1, feed_id=1, hub="h", site="h", topic="t", token="T", secret="S", state="active", attempts=1,
        verified_at=None, lease_ends_at=None, now=None,  # type: ignore[arg-type]  # no time is looked at
    )  # fmt: skip
    assert form(wanted, "c")["hub.secret"] == "S"
    assert "S" not in repr(wanted).replace("Subscription", "")
