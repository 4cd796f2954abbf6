"""When a redirect is believed, and when two feeds are one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.moves import (
    OBSERVATIONS,
    Redirect,
    Twin,
    are_variants,
    away_since,
    is_unique,
    observe_redirect,
    observe_twin,
    permanent_target,
    survives,
)

OLD = "https://paper.example/rss"
NEW = "https://paper.example/feed"
NEWER = "https://paper.example/feed.xml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("hops", "final", "target"),
    [
        ([], OLD, None),
        ([(301, OLD)], NEW, NEW),
        ([(308, OLD), (301, NEW)], NEWER, NEWER),
        ([(302, OLD)], NEW, None),
        ([(307, OLD), (301, NEW)], NEWER, None),
        ([(301, OLD), (302, NEW)], NEWER, NEW),
        ([(301, OLD), (301, NEW), (303, NEWER)], "https://cdn.example/1", NEWER),
        ([(301, OLD)], "http://paper.example/rss", None),
        ([(301, OLD), (301, NEW)], "http://paper.example/feed", NEW),
        ([(301, OLD)], "https://PAPER.example:443/rss?utm_source=x", None),
        ([(301, OLD)], f"https://paper.example/{'x' * 3000}", None),
    ],
)
def test_only_permanent_redirects_from_the_first_on_count_and_none_to_http(
    hops: list[tuple[int, str]], final: str, target: str | None
) -> None:
    assert permanent_target(OLD, hops, final) == target


def test_a_feed_at_http_may_move_to_https_and_not_back() -> None:
    http, https = "http://paper.example/rss", OLD
    assert permanent_target(http, [(301, http), (301, https)], "http://paper.example/feed") == https


@pytest.mark.parametrize(
    ("identity", "unique"),
    [
        ("link:https://paper.example/1", True),
        ("id:https://paper.example/?p=1", True),
        ("id:tag:paper.example,2026:1", True),
        ("id:URN:uuid:1", True),
        ("id+link:1\nhttps://paper.example/1", True),
        ("id:101", False),
        ("id:node/101", False),
        ("link:/node/101", False),
        ("id+link:101\n/node/101", False),
        ("title:See https://paper.example/\n", False),
        ("id:sha256:aa", False),
    ],
)
def test_only_some_names_mean_one_entry_in_all_the_world(identity: str, unique: bool) -> None:
    assert is_unique(identity) is unique


def observed(*hours: float, target: str = NEW) -> Redirect:
    redirect = None
    for hour in hours:
        redirect = observe_redirect(redirect, target, NOON + timedelta(hours=hour))
    assert redirect is not None
    return redirect


@pytest.mark.parametrize(
    ("hours", "ripe"),
    [((0, 24, 48), True), ((0, 24, 47.9), False), ((0, 72), False), ((0, 1, 2, 3, 4), False), ((0, 1, 2, 3, 49), True)],
)
def test_a_redirect_is_believed_after_three_polls_over_two_days(hours: tuple[float, ...], ripe: bool) -> None:
    assert observed(*hours).is_ripe is ripe
    assert OBSERVATIONS == 3


def test_another_target_starts_anew_and_none_clears() -> None:
    seen = observed(0, 24)
    other = observe_redirect(seen, NEWER, NOON + 2 * DAY)
    assert other is not None
    assert (other.target, other.count, other.first_at) == (NEWER, 1, NOON + 2 * DAY)
    assert observe_redirect(seen, None, NOON + 2 * DAY) is None


def test_a_target_spelt_otherwise_is_the_same() -> None:
    again = observe_redirect(observed(0), "https://Paper.example:443/feed", NOON + DAY)
    assert again is not None
    assert again.count == 2


def test_what_was_kept_is_read_as_it_was() -> None:
    seen = observed(0, 5)
    assert Redirect.model_validate(seen.model_dump(mode="json")) == seen


def test_kinship_is_measured_from_when_the_feed_first_led_away_also_through_changing_targets() -> None:
    strange = observed(0)
    assert away_since(None, NEW, NOON) == NOON
    assert away_since(strange, NEW, NOON + DAY) == NOON
    assert away_since(strange, NEWER, NOON + DAY) == NOON
    kin = observe_redirect(strange, NEW, NOON + DAY, kin=True)
    assert kin is not None
    assert kin.kin
    assert away_since(kin, NEW, NOON + 2 * DAY) == NOON
    assert away_since(kin, NEWER, NOON + 2 * DAY) == NOON + 2 * DAY


def test_kinship_once_shown_stays() -> None:
    kin = observe_redirect(None, NEW, NOON, kin=True)
    again = observe_redirect(kin, NEW, NOON + DAY, kin=False)
    assert again is not None
    assert again.kin


def twin(*polls: tuple[float, str]) -> Twin:
    found = None
    for hours, sha256 in polls:
        found = observe_twin(found, 7, sha256, NOON + timedelta(hours=hours))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("polls", "ripe"),
    [
        (((0, "a"), (12, "b"), (24, "b")), True),
        (((0, "a"), (12, "b"), (23, "c")), False),
        (((0, "a"), (48, "b")), False),
        (((0, "a"), (24, "a"), (48, "a"), (72, "a")), False),
    ],
)
def test_two_feeds_are_one_after_three_polls_two_documents_and_a_day(
    polls: tuple[tuple[float, str], ...], ripe: bool
) -> None:
    assert twin(*polls).is_ripe is ripe


def test_another_twin_starts_anew() -> None:
    other = observe_twin(twin((0, "a"), (1, "b")), 8, "c", NOON + DAY)
    assert (other.feed, other.count, other.documents) == (8, 1, 1)


@pytest.mark.parametrize(
    ("url", "target", "variants"),
    [
        ("http://paper.example/rss", "https://paper.example/rss", True),
        ("http://paper.example/rss", "https://www.paper.example/rss", True),
        ("https://www.paper.example/rss?a=1", "https://paper.example/rss?a=1", True),
        ("http://paper.example:8080/rss", "http://www.paper.example:8080/rss", True),
        ("http://paper.example:8080/rss", "https://paper.example/rss", False),
        ("http://paper.example/rss", "https://paper.example/feed", False),
        ("http://news.paper.example/rss", "https://paper.example/rss", False),
    ],
)
def test_https_and_www_are_manners_of_saying_the_same(url: str, target: str, variants: bool) -> None:
    assert are_variants(url, target) is variants


def test_of_two_feeds_the_one_at_https_stays_then_the_older() -> None:
    assert survives((2, "https://a.example/"), (1, "http://a.example/"))
    assert not survives((1, "http://a.example/"), (2, "https://a.example/"))
    assert survives((1, "https://a.example/x"), (2, "https://a.example/"))
