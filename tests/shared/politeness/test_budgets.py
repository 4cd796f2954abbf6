"""A site's budget: shared by everybody, spaced, and kept when Valkey loses its memory."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from shared.politeness import (
    LONGEST_HOP_SECONDS,
    LONGEST_WAIT_SECONDS,
    NO_PLACE_SECONDS,
    PATIENCE_SECONDS,
    Heard,
    Politeness,
    Report,
    Token,
    Turn,
)
from shared.siterules import SiteRule, SiteRules

SITE = "paper.example"


def gates(
    valkey: redis.Redis, *, interval: float = 0.0, concurrency: int = 2, rules: SiteRules | None = None
) -> Politeness:
    return Politeness(valkey, interval_seconds=interval, concurrency=concurrency, rules=rules)


def hold(politeness: Politeness, site: str, seconds: float) -> None:
    politeness.report(site, Report(Heard.BUSY, "http_429", "/a", 0.0, asked_seconds=seconds))


def test_no_more_than_the_concurrency_is_reserved(valkey: redis.Redis) -> None:
    politeness = gates(valkey)
    first = politeness.reserve(SITE, ["a", "b", "c"], ttl_seconds=60)
    assert first.granted == 2
    assert 55 < first.wait_seconds <= 60
    politeness.release(SITE, "a")
    politeness.release(SITE, "a")
    assert politeness.reserve(SITE, ["c", "d"], ttl_seconds=60).granted == 1
    assert politeness.reserve("other.example", ["x"], ttl_seconds=60).granted == 1


def test_reservations_are_spaced_by_the_interval(valkey: redis.Redis) -> None:
    politeness = gates(valkey, interval=5, concurrency=9)
    first = politeness.reserve(SITE, ["a", "b"], ttl_seconds=60)
    assert first.granted == 1
    assert 4 < first.wait_seconds <= 5


def test_a_token_that_nobody_gives_back_expires(valkey: redis.Redis) -> None:
    politeness = gates(valkey, concurrency=1)
    assert politeness.reserve(SITE, ["killed"], ttl_seconds=0.2).granted == 1
    assert politeness.reserve(SITE, ["next"], ttl_seconds=60).granted == 0
    time.sleep(0.3)
    assert politeness.reserve(SITE, ["next"], ttl_seconds=60).granted == 1


def test_a_token_that_is_renewed_does_not_expire(valkey: redis.Redis) -> None:
    politeness = gates(valkey, concurrency=1)
    politeness.reserve(SITE, ["waits"], ttl_seconds=0.2)
    politeness.renew(SITE, "waits", ttl_seconds=60)
    time.sleep(0.3)
    assert politeness.reserve(SITE, ["next"], ttl_seconds=60).granted == 0


def test_many_processes_together_never_exceed_the_concurrency(redis_url: str) -> None:
    most = 0
    held = 0
    lock = threading.Lock()

    def work(number: int) -> None:
        nonlocal most, held
        with redis.Redis.from_url(redis_url) as client:
            politeness = gates(client, concurrency=3)
            for turn in range(30):
                holder = f"{number}-{turn}"
                if politeness.reserve(SITE, [holder], ttl_seconds=60).granted:
                    with lock:
                        held += 1
                        most = max(most, held)
                    time.sleep(0.001)
                    with lock:
                        held -= 1
                    politeness.release(SITE, holder)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert most == 3


def test_requests_are_paced_one_interval_apart(valkey: redis.Redis) -> None:
    politeness = gates(valkey, interval=1, concurrency=3)
    waits = [politeness.pace(Turn(SITE), patience_seconds=0) for _ in range(5)]
    assert [wait.granted for wait in waits] == [1, 1, 1, 1, 0]
    for wait, expected in zip(waits, [0, 1, 2, 3, 4], strict=True):
        assert expected - 0.5 < wait.wait_seconds <= expected


@pytest.mark.parametrize(("interval", "apart"), [(4, 4), (30, LONGEST_HOP_SECONDS), (3600, LONGEST_HOP_SECONDS)])
def test_a_slow_interval_does_not_keep_a_redirected_page_from_its_second_request(
    valkey: redis.Redis, interval: float, apart: float
) -> None:
    politeness = gates(valkey, interval=interval, concurrency=1)
    assert politeness.pace(Turn(SITE, holder="a"), patience_seconds=3).granted
    second = politeness.pace(Turn(SITE, holder="a", again=True), patience_seconds=3)
    assert second.granted
    assert apart - 1 < second.wait_seconds <= apart
    politeness.release(SITE, "a")
    # Another page still waits for the whole interval, after the last of them.
    other = politeness.pace(Turn(SITE, holder="b"))
    assert interval + apart - 1 < other.wait_seconds <= interval + apart


@pytest.mark.parametrize("interval", [1, 5, 12, 30, 3600])
def test_no_thread_sleeps_for_long_and_none_gives_up_between_two_hops(valkey: redis.Redis, interval: float) -> None:
    politeness = gates(valkey, interval=interval, concurrency=2)
    first = [politeness.pace(Turn(SITE, holder=holder)) for holder in ("a", "b")]
    # While the other one still sleeps.
    hop = politeness.pace(Turn(SITE, holder="a", again=True))
    assert first[0].granted
    assert hop.granted
    assert all(turn.wait_seconds <= LONGEST_WAIT_SECONDS for turn in [*first, hop] if turn.granted)


def test_a_long_interval_of_a_host_stands_between_two_visits_there(valkey: redis.Redis) -> None:
    host = "archive.paper.example"
    politeness = gates(valkey, rules=SiteRules(hosts={host: SiteRule(interval_seconds=3600)}))
    assert politeness.pace(Turn(SITE, host, holder="a")).granted
    hop = politeness.pace(Turn(SITE, host, holder="a", again=True, again_at_host=True))
    assert hop.granted
    assert hop.wait_seconds <= LONGEST_HOP_SECONDS
    # From elsewhere at the site to that host is a visit there, which nobody sleeps an hour for.
    redirected = politeness.pace(Turn(SITE, host, holder="b", again=True))
    assert not redirected.granted
    assert redirected.wait_seconds > 3600


def test_one_site_s_long_interval_does_not_make_all_sites_rest_after_a_flush(valkey: redis.Redis) -> None:
    rules = SiteRules(sites={SITE: SiteRule(interval_seconds=3600)}, budgets={SITE: SITE})
    politeness = gates(valkey, rules=rules)
    politeness.remember([], rest=True)
    assert politeness.reserve("other.example", ["a"], ttl_seconds=60).wait_seconds <= 40


def test_a_site_that_asks_for_a_rest_gets_it(valkey: redis.Redis) -> None:
    politeness = gates(valkey)
    hold(politeness, SITE, 60)
    hold(politeness, SITE, 5)
    reserved = politeness.reserve(SITE, ["a"], ttl_seconds=60)
    assert reserved.granted == 0
    assert 55 < reserved.wait_seconds <= 60
    paced = politeness.pace(Turn(SITE), patience_seconds=3)
    assert not paced.granted
    assert 55 < paced.wait_seconds <= 60


def test_forgetting_tokens_keeps_what_sites_asked_for(valkey: redis.Redis) -> None:
    politeness = gates(valkey, concurrency=1)
    politeness.reserve(SITE, ["gone"], ttl_seconds=60)
    hold(politeness, "tired.example", 60)
    politeness.forget_tokens()
    assert politeness.reserve(SITE, ["a"], ttl_seconds=60).granted == 1
    assert politeness.reserve("tired.example", ["b"], ttl_seconds=60).granted == 0


def test_a_fetcher_that_notices_a_flush_lets_granted_requests_pass_first(valkey: redis.Redis) -> None:
    politeness = gates(valkey, interval=1)
    while politeness.pace(Turn(SITE)).granted:
        pass
    valkey.flushall()
    after = politeness.pace(Turn(SITE))
    assert not after.granted
    # The furthest request that was granted, and the interval after it.
    assert PATIENCE_SECONDS + 0.5 < after.wait_seconds <= PATIENCE_SECONDS + 1


def test_a_fetcher_that_notices_a_flush_makes_the_others_wait_too(valkey: redis.Redis) -> None:
    veteran, novice = gates(valkey, interval=1), gates(valkey, interval=1)
    veteran.pace(Turn(SITE))
    valkey.flushall()
    veteran.pace(Turn("other.example"))
    assert not novice.pace(Turn(SITE)).granted


def test_a_new_valkey_makes_nobody_wait(valkey: redis.Redis) -> None:
    assert gates(valkey, interval=1).pace(Turn(SITE)).wait_seconds == 0


def test_after_a_flush_running_requests_keep_their_places(valkey: redis.Redis) -> None:
    politeness = gates(valkey)
    assert not politeness.has_memory()
    assert politeness.reserve(SITE, ["early"], ttl_seconds=60).granted == 0
    politeness.remember([Token(SITE, "runs", 60), Token("other.example", "runs-too", 0.1)], rest=False)
    assert politeness.has_memory()
    assert politeness.reserve(SITE, ["a", "b"], ttl_seconds=60).granted == 1
    time.sleep(0.2)
    assert politeness.reserve("other.example", ["a", "b"], ttl_seconds=60).granted == 2


def test_after_a_flush_all_sites_rest_until_granted_requests_have_passed(valkey: redis.Redis) -> None:
    politeness = gates(valkey, interval=1)
    politeness.remember([], rest=True)
    reserved = politeness.reserve(SITE, ["a"], ttl_seconds=60)
    assert reserved.granted == 0
    assert reserved.wait_seconds > PATIENCE_SECONDS
    assert not politeness.pace(Turn(SITE)).granted


def test_a_request_without_a_place_takes_one_at_the_gate(valkey: redis.Redis) -> None:
    politeness = gates(valkey, concurrency=2)
    politeness.reserve(SITE, ["its-own"], ttl_seconds=60)
    assert politeness.pace(Turn(SITE, holder="redirected")).granted
    assert politeness.reserve(SITE, ["next"], ttl_seconds=60).granted == 0
    third = politeness.pace(Turn(SITE, holder="redirected-too"))
    assert (third.granted, third.wait_seconds) == (0, NO_PLACE_SECONDS)
    assert politeness.pace(Turn(SITE, holder="redirected")).granted
    politeness.release(SITE, "redirected")
    assert politeness.pace(Turn(SITE, holder="redirected-too")).granted


def test_a_request_that_found_no_place_takes_nobody_s_turn(valkey: redis.Redis) -> None:
    politeness = gates(valkey, interval=1, concurrency=1)
    politeness.reserve(SITE, ["its-own"], ttl_seconds=60)
    assert not politeness.pace(Turn(SITE, holder="redirected")).granted
    assert politeness.pace(Turn(SITE, holder="its-own")).wait_seconds == 0


def test_a_killed_fetcher_s_place_is_free_when_its_request_must_be_over(valkey: redis.Redis) -> None:
    politeness = gates(valkey, concurrency=1)
    politeness.reserve(SITE, ["killed"], ttl_seconds=300)
    politeness.pace(Turn(SITE, holder="killed", place_seconds=0.2))
    assert politeness.reserve(SITE, ["next"], ttl_seconds=60).granted == 0
    time.sleep(0.3)
    assert politeness.reserve(SITE, ["next"], ttl_seconds=60).granted == 1


def test_a_crawl_delay_stands_between_two_pages_and_not_between_a_page_and_its_redirect(valkey: redis.Redis) -> None:
    politeness = gates(valkey, interval=0.01)
    assert politeness.pace(Turn(SITE, holder="a", delay_seconds=20)).granted
    assert politeness.pace(Turn(SITE, holder="a", delay_seconds=20, again=True)).wait_seconds < 1
    other = politeness.pace(Turn(SITE, holder="b", delay_seconds=20))
    assert not other.granted
    assert 19 < other.wait_seconds <= 20.1
    reserved = politeness.reserve(SITE, ["c"], ttl_seconds=60)
    assert reserved.granted == 0
    assert 19 < reserved.wait_seconds <= 20.1
    assert politeness.state(SITE).interval_seconds == 20


def test_a_rule_for_a_site_replaces_the_settings(valkey: redis.Redis) -> None:
    rules = SiteRules(sites={SITE: SiteRule(interval_seconds=5, concurrency=3)}, budgets={SITE: SITE})
    politeness = gates(valkey, rules=rules)
    assert politeness.concurrency == 3
    assert politeness.reserve(SITE, ["a", "b"], ttl_seconds=60).granted == 1
    assert politeness.reserve("other.example", ["a", "b", "c"], ttl_seconds=60).granted == 2
    politeness.pace(Turn(SITE))
    assert 4 < politeness.pace(Turn(SITE)).wait_seconds <= 5
    assert politeness.state(SITE).places == 3


def test_sites_of_one_budget_share_places_turns_and_holds(valkey: redis.Redis) -> None:
    rules = SiteRules(
        sites={"big.example": SiteRule()}, budgets={"big.example": "big.example", "cdn.example": "big.example"}
    )
    politeness = gates(valkey, interval=1, rules=rules)
    assert politeness.pace(Turn("big.example", holder="a")).granted
    assert politeness.pace(Turn("cdn.example", holder="b")).wait_seconds > 0.5
    assert politeness.reserve("cdn.example", ["c"], ttl_seconds=60).granted == 0
    hold(politeness, "cdn.example", 60)
    assert politeness.state("big.example").held_seconds > 59
    politeness.release("big.example", "b")
    assert politeness.state("cdn.example").places_taken == 1


def test_a_host_has_limits_of_its_own_within_its_site(valkey: redis.Redis) -> None:
    host = "archive.paper.example"
    rules = SiteRules(hosts={host: SiteRule(interval_seconds=4, concurrency=1)})
    politeness = gates(valkey, interval=0.1, concurrency=3, rules=rules)
    assert politeness.pace(Turn(SITE, host, holder="a")).granted
    assert not politeness.pace(Turn(SITE, host, holder="b"), patience_seconds=1).granted
    assert politeness.pace(Turn(SITE, holder="b"), patience_seconds=1).granted
    full = politeness.pace(Turn(SITE, host, holder="b"), patience_seconds=9)
    assert (full.granted, full.wait_seconds) == (0, NO_PLACE_SECONDS)
    politeness.release(SITE, "a", host=host)
    after = politeness.pace(Turn(SITE, host, holder="b"), patience_seconds=9)
    assert after.granted
    assert 3 < after.wait_seconds <= 4


def test_forgetting_tokens_forgets_those_at_hosts_too(valkey: redis.Redis) -> None:
    rules = SiteRules(hosts={"archive.paper.example": SiteRule(concurrency=1)})
    politeness = gates(valkey, rules=rules)
    politeness.pace(Turn(SITE, "archive.paper.example", holder="gone"))
    politeness.forget_tokens()
    assert politeness.pace(Turn(SITE, "archive.paper.example", holder="next")).granted
