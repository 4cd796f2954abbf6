"""What a site's answers do to the way it is asked: slow ones, refusals, and none at all."""

from __future__ import annotations

import pytest
import redis

from shared.politeness import (
    FAILURES_TO_OPEN,
    FIRST_OPEN_SECONDS,
    FORBIDDEN_PAGES,
    LONGEST_HOLD_SECONDS,
    LONGEST_OPEN_SECONDS,
    LONGEST_SPACING_SECONDS,
    OUTAGE_SECONDS,
    OUTAGE_SITES,
    Heard,
    Politeness,
    Report,
    Turn,
)

SITE = "paper.example"


@pytest.fixture
def politeness(valkey: redis.Redis) -> Politeness:
    return Politeness(valkey, interval_seconds=0.5, concurrency=2)


def heard(politeness: Politeness, kind: Heard, *, seconds: float = 0.0, page: str = "/a", site: str = SITE) -> float:
    return politeness.report(site, Report(kind, kind.value, page, seconds)).held_seconds


def busy(politeness: Politeness, *, asked: float = 0.0) -> float:
    return politeness.report(
        SITE, Report(Heard.BUSY, "http_429", "/a", 0.0, rest_seconds=30, asked_seconds=asked)
    ).held_seconds


def forbidden(politeness: Politeness, page: str) -> float:
    return politeness.report(SITE, Report(Heard.FORBIDDEN, "http_403", page, 0.0, rest_seconds=30)).held_seconds


def rest_is_over(valkey: redis.Redis) -> None:
    """Let all the time pass for which the site is left alone."""
    key = f"wiredesk:site:{SITE}:mood"
    for name in ("held_until", "busy_until", "probe_until"):
        if valkey.hexists(key, name):
            valkey.hset(key, name, 1)
    valkey.delete(*(f"wiredesk:site:{SITE}:{clock}" for clock in ("next", "gate", "visits")))


def test_a_slow_site_is_asked_less_often(politeness: Politeness) -> None:
    heard(politeness, Heard.DATA, seconds=0.1)
    assert politeness.state(SITE).interval_seconds == 0.5
    heard(politeness, Heard.DATA, seconds=8.1)
    # A quarter of the way from 0.1 s to 8.1 s; one of the two places is taken on average.
    assert politeness.state(SITE).interval_seconds == pytest.approx(2.1)
    assert politeness.reserve(SITE, ["a", "b"], ttl_seconds=60).granted == 1
    assert politeness.reserve(SITE, ["b"], ttl_seconds=60).wait_seconds > 1
    politeness.pace(Turn(SITE, holder="a"))
    assert 1.5 < politeness.pace(Turn(SITE, holder="b")).wait_seconds <= 2.1


def test_only_what_was_served_makes_a_site_be_asked_more_often_again(politeness: Politeness) -> None:
    heard(politeness, Heard.DATA, seconds=8)
    for kind in (Heard.ANSWER, Heard.DEAD, Heard.BUSY):
        heard(politeness, kind, seconds=0.01)
    assert politeness.state(SITE).latency_seconds == 8
    heard(politeness, Heard.DATA, seconds=4)
    assert politeness.state(SITE).latency_seconds == 7


def test_no_site_is_too_slow_to_be_asked_at_all(politeness: Politeness) -> None:
    heard(politeness, Heard.DEAD, seconds=1000)
    assert politeness.state(SITE).interval_seconds == LONGEST_SPACING_SECONDS


def test_without_an_interval_a_slow_site_is_asked_as_fast_as_its_places_allow(valkey: redis.Redis) -> None:
    politeness = Politeness(valkey, interval_seconds=0, concurrency=2)
    heard(politeness, Heard.DATA, seconds=8)
    assert politeness.state(SITE).interval_seconds == 0
    assert politeness.reserve(SITE, ["a", "b"], ttl_seconds=60).granted == 2


def test_each_too_much_in_a_row_doubles_the_rest(politeness: Politeness, valkey: redis.Redis) -> None:
    rests = []
    for _ in range(10):
        rests.append(busy(politeness))
        rest_is_over(valkey)
    assert rests[:3] == [30, 60, 120]
    assert rests[-1] == LONGEST_HOLD_SECONDS


def test_requests_that_were_on_their_way_at_the_first_too_much_do_not_double_it(politeness: Politeness) -> None:
    assert busy(politeness) == 30
    assert busy(politeness) <= 30
    assert politeness.state(SITE).held_seconds <= 30.1
    assert politeness.state(SITE).held_for == "http_429"


def test_what_the_site_asks_for_counts_where_it_is_longer(politeness: Politeness) -> None:
    assert busy(politeness, asked=1) == 30
    assert busy(politeness, asked=1000) == 1000
    assert not politeness.pace(Turn(SITE, holder="a")).granted
    assert politeness.reserve(SITE, ["a"], ttl_seconds=60).wait_seconds > 990


def test_pages_that_are_served_undo_the_doubling_one_by_one(politeness: Politeness, valkey: redis.Redis) -> None:
    for _ in range(3):
        busy(politeness)
        rest_is_over(valkey)
    heard(politeness, Heard.DATA)
    assert busy(politeness) == 120
    # Served to a request that was on its way when the site said so.
    heard(politeness, Heard.DATA)
    rest_is_over(valkey)
    assert busy(politeness) == 240


def test_one_page_that_is_refused_holds_nobody(politeness: Politeness) -> None:
    assert [forbidden(politeness, "/same") for _ in range(20)] == [0] * 20
    assert politeness.state(SITE).held_seconds == 0


def test_many_pages_refused_in_a_row_are_throttling(politeness: Politeness, valkey: redis.Redis) -> None:
    rests = [forbidden(politeness, f"/{number}") for number in range(FORBIDDEN_PAGES)]
    assert rests == [0] * (FORBIDDEN_PAGES - 1) + [30]
    rest_is_over(valkey)
    # Still refused after the rest: no need for another burst.
    assert forbidden(politeness, "/next") == 60


def test_refused_pages_among_served_ones_are_no_burst(politeness: Politeness) -> None:
    for number in range(3 * FORBIDDEN_PAGES):
        assert forbidden(politeness, f"/{number}") == 0
        if number % 3 == 0:
            heard(politeness, Heard.DATA)


def test_after_a_rest_and_a_served_page_a_refused_one_is_about_itself_again(
    politeness: Politeness, valkey: redis.Redis
) -> None:
    for _ in range(3):
        busy(politeness)
        rest_is_over(valkey)
    heard(politeness, Heard.DATA)
    assert forbidden(politeness, "/a") == 0


def test_a_site_that_gives_no_answer_again_and_again_is_left_alone(politeness: Politeness) -> None:
    rests = [heard(politeness, Heard.DEAD) for _ in range(FAILURES_TO_OPEN + 3)]
    assert rests[: FAILURES_TO_OPEN - 1] == [0] * (FAILURES_TO_OPEN - 1)
    assert rests[FAILURES_TO_OPEN - 1] == FIRST_OPEN_SECONDS
    # Those that were on their way say nothing new.
    assert rests[FAILURES_TO_OPEN:] == [0, 0, 0]
    state = politeness.state(SITE)
    assert (state.breaker, state.held_for) == ("open", "dead")
    assert politeness.reserve(SITE, ["a"], ttl_seconds=60).granted == 0
    assert not politeness.pace(Turn(SITE, holder="a")).granted
    assert politeness.reserve("other.example", ["a"], ttl_seconds=60).granted == 1


def test_an_answer_between_two_failures_keeps_the_breaker_closed(politeness: Politeness) -> None:
    for _ in range(3 * FAILURES_TO_OPEN):
        for _ in range(FAILURES_TO_OPEN - 1):
            assert heard(politeness, Heard.DEAD) == 0
        heard(politeness, Heard.ANSWER)
    assert politeness.state(SITE).breaker == "closed"


def open_breaker(politeness: Politeness) -> None:
    heard(politeness, Heard.DATA, site="other.example")
    for _ in range(FAILURES_TO_OPEN):
        heard(politeness, Heard.DEAD)


def test_after_its_time_one_request_is_let_through(politeness: Politeness, valkey: redis.Redis) -> None:
    open_breaker(politeness)
    rest_is_over(valkey)
    assert politeness.state(SITE).breaker == "half-open"
    assert politeness.reserve(SITE, ["a", "b"], ttl_seconds=60).granted == 1
    assert politeness.reserve(SITE, ["b"], ttl_seconds=60).granted == 0
    assert politeness.pace(Turn(SITE, holder="a")).granted
    # One that was issued before it opened, and has only now come to the gate.
    assert not politeness.pace(Turn(SITE, holder="late")).granted
    assert politeness.pace(Turn(SITE, holder="a", again=True)).granted


def test_of_two_that_were_issued_before_it_opened_one_is_let_through(
    politeness: Politeness, valkey: redis.Redis
) -> None:
    assert politeness.reserve(SITE, ["a"], ttl_seconds=60).granted
    valkey.delete(f"wiredesk:site:{SITE}:next")
    assert politeness.reserve(SITE, ["b"], ttl_seconds=60).granted
    open_breaker(politeness)
    rest_is_over(valkey)
    assert [politeness.pace(Turn(SITE, holder=holder)).granted for holder in ("a", "b")] == [1, 0]


def test_an_answer_closes_the_breaker(politeness: Politeness, valkey: redis.Redis) -> None:
    open_breaker(politeness)
    rest_is_over(valkey)
    politeness.pace(Turn(SITE, holder="a"))
    heard(politeness, Heard.ANSWER)
    state = politeness.state(SITE)
    assert (state.breaker, state.failures, state.places) == ("closed", 0, 2)
    assert politeness.pace(Turn(SITE, holder="b")).granted


def test_an_answer_that_was_on_its_way_closes_the_breaker_at_once(politeness: Politeness) -> None:
    open_breaker(politeness)
    heard(politeness, Heard.DATA)
    assert politeness.state(SITE).held_seconds == 0
    assert politeness.pace(Turn(SITE, holder="a")).granted


def test_an_answer_does_not_end_a_rest_that_the_site_asked_for(politeness: Politeness) -> None:
    busy(politeness, asked=1000)
    open_breaker(politeness)
    heard(politeness, Heard.DATA)
    assert politeness.state(SITE).held_seconds > 990


def test_each_time_that_nobody_answers_it_stays_open_for_longer(politeness: Politeness, valkey: redis.Redis) -> None:
    open_breaker(politeness)
    rests = []
    for _ in range(9):
        rest_is_over(valkey)
        assert politeness.pace(Turn(SITE, holder="probe")).granted
        heard(politeness, Heard.DATA, site="other.example")
        rests.append(heard(politeness, Heard.DEAD))
    assert rests[:3] == [120, 240, 480]
    assert rests[-1] == LONGEST_OPEN_SECONDS


def test_while_no_site_at_all_answers_none_waits_longer_for_that(politeness: Politeness, valkey: redis.Redis) -> None:
    open_breaker(politeness)
    for number in range(1, OUTAGE_SITES):
        heard(politeness, Heard.DEAD, site=f"{number}.example")
    for _ in range(5):
        rest_is_over(valkey)
        assert heard(politeness, Heard.DEAD) == FIRST_OPEN_SECONDS


def is_outage(politeness: Politeness, number: int) -> bool:
    """Whether no answer from site ``number`` is taken for an outage of our own."""
    return politeness.report(f"{number}.example", Report(Heard.DEAD, "connect", "/", 0.0)).outage


def line_moves(valkey: redis.Redis, name: str, seconds: float) -> None:
    """Let what is remembered of our own line be so much longer ago."""
    # redis-py says that it may be awaited.
    valkey.hset("wiredesk:line", name, int(valkey.hget("wiredesk:line", name)) - int(seconds * 1000))  # type: ignore[arg-type]


def test_many_sites_without_an_answer_and_none_with_one_are_an_outage(politeness: Politeness) -> None:
    heard(politeness, Heard.DATA)
    told = [is_outage(politeness, number) for number in range(OUTAGE_SITES)]
    assert told == [False] * (OUTAGE_SITES - 1) + [True]
    heard(politeness, Heard.ANSWER)
    assert not any(is_outage(politeness, 0) for _ in range(5 * OUTAGE_SITES))


def test_sites_that_are_silent_while_another_answers_are_dead_themselves(politeness: Politeness) -> None:
    heard(politeness, Heard.DATA)
    for _ in range(5):
        for number in range(OUTAGE_SITES - 1):
            assert not is_outage(politeness, number)
        heard(politeness, Heard.DATA)
    # Another one that falls silent is the first that says anything about our line.
    told = [is_outage(politeness, number) for number in [*range(OUTAGE_SITES), 0, 1]]
    assert not any(told)
    # With as many that answered a moment ago it is our line, whoever asks.
    told = [is_outage(politeness, 100 + number) for number in range(OUTAGE_SITES - 1)]
    assert told[-1]
    assert is_outage(politeness, 0)


def test_where_no_site_has_answered_for_long_nobody_knows_of_an_outage(
    politeness: Politeness, valkey: redis.Redis
) -> None:
    assert not any(is_outage(politeness, number) for number in range(2 * OUTAGE_SITES))
    heard(politeness, Heard.DATA)
    line_moves(valkey, "answered_at", OUTAGE_SECONDS + 60)
    assert not any(is_outage(politeness, 100 + number) for number in range(2 * OUTAGE_SITES))


def test_an_outage_is_believed_for_an_hour(politeness: Politeness, valkey: redis.Redis) -> None:
    heard(politeness, Heard.DATA)
    told = [is_outage(politeness, number) for number in range(OUTAGE_SITES)]
    for name in ("answered_at", "silent_at"):
        line_moves(valkey, name, OUTAGE_SECONDS - 60)
    assert told[-1]
    assert is_outage(politeness, 0)
    for name in ("answered_at", "silent_at"):
        line_moves(valkey, name, 60)
    assert not any(is_outage(politeness, number) for number in range(3 * OUTAGE_SITES))
    heard(politeness, Heard.DATA)
    told = [is_outage(politeness, 200 + number) for number in range(OUTAGE_SITES)]
    assert told[-1], "a next one is believed again"


def test_what_a_site_s_answers_have_shown_is_forgotten_in_time(politeness: Politeness, valkey: redis.Redis) -> None:
    busy(politeness)
    forbidden(politeness, "/a")
    politeness.pace(Turn(SITE, holder="a"))
    keys = [*valkey.scan_iter("wiredesk:site:*"), "wiredesk:line"]
    assert keys
    assert all(valkey.ttl(key) > 0 for key in keys)
