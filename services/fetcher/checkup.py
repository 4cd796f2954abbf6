"""What a look at one feed shows: what came, what is good and what is wrong with it, and when it would be polled.

Pure: ``wiredesk feeds check`` asks the site, this judges the answers. Nothing that it finds changes a feed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from services.fetcher.answer import NotModified, PollResult, Read
from services.fetcher.identity import identities
from services.fetcher.moves import PERMANENT
from services.fetcher.parts import INDEX, plan_parts
from shared.http import Response
from shared.ledger.polls import PollRecord
from shared.records import FeedEntry, ParsedFeed, rfc3339
from shared.urls import absolute_url, canonical_url, is_aggregator_link
from shared.wording import counted

Level = Literal["good", "note", "warning", "problem"]

# A day's grace for clocks and time zones; what is further ahead was not published yet, or has a wrong date.
FUTURE = timedelta(days=1)
STALE = timedelta(days=90)
SLOW_SECONDS = 5.0
# From here on a body is worth more than the headline that it belongs to.
FULL_TEXT = 600


@dataclass(frozen=True)
class Finding:
    """One remark. ``problem``: no articles come; ``warning``: some may be lost, or the site is burdened."""

    level: Level
    text: str


@dataclass(frozen=True)
class Checkup:
    """Everything that a look showed; ``ok``: a feed came."""

    url: str
    ok: bool
    findings: tuple[Finding, ...]
    response: dict[str, Any] | None = None
    feed: dict[str, Any] | None = None
    entries: tuple[dict[str, Any], ...] = ()
    next_poll: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The checkup for a machine."""
        findings = [{"level": finding.level, "text": finding.text} for finding in self.findings]
        return {
            "url": self.url,
            "ok": self.ok,
            "findings": findings,
            "response": self.response,
            "feed": self.feed,
            "entries": list(self.entries),
            "next_poll": self.next_poll,
        }


def check_up(
    url: str,
    result: PollResult,
    plan: PollRecord,
    *,
    now: datetime,
    response: Response | None,
    again: Response | None = None,
    seconds: float = 0.0,
) -> Checkup:
    """Judge ``result``, the outcome of a poll of ``url``.

    ``response`` is the answer that it was read from, after ``seconds``, where one came; ``again`` the answer to a
    second request, which was conditional on the first one's validators; ``plan`` what the poll would have come to.
    """
    findings = [] if response is None else [*_way(response, seconds), *_validators(response, again)]
    if isinstance(result, Read):
        findings += _document(result.feed, response.url if response else url, now)
        for problem in result.feed.problems:
            findings.append(Finding("warning", problem))
        if result.feed.skipped:
            findings.append(Finding("note", f"{_entries(result.feed.skipped)} not read"))
    elif not isinstance(result, NotModified):
        findings.append(Finding("problem", f"{result.reason}: {result.detail}"))
        for alternate in result.alternates:
            findings.append(Finding("note", f"the site has a feed: {alternate}"))
    order: tuple[Level, ...] = ("problem", "warning", "note", "good")
    return Checkup(
        url=url,
        ok=isinstance(result, Read | NotModified),
        findings=tuple(sorted(findings, key=lambda finding: order.index(finding.level))),
        response=None if response is None else _about_response(response, seconds),
        feed=_about_feed(result.feed) if isinstance(result, Read) else None,
        entries=tuple(_about_entry(entry) for entry in result.feed.entries) if isinstance(result, Read) else (),
        next_poll={"at": rfc3339(plan.due_at), "why": plan.why},
    )


def _way(response: Response, seconds: float) -> list[Finding]:
    found = []
    statuses = [status for status, _ in response.redirects]
    if statuses:
        permanent = all(status in PERMANENT for status in statuses)
        kind = "permanently: the feed moves there after three polls in two days" if permanent else "for now"
        found.append(Finding("note", f"redirects {kind}: {response.url}"))
    if response.url.startswith("http://"):
        found.append(Finding("note", "no TLS: whoever is on the way can change it"))
    if seconds > SLOW_SECONDS:
        found.append(Finding("warning", f"slow: answered after {seconds:.1f} s"))
    return found


def _validators(response: Response, again: Response | None) -> list[Finding]:
    if not response.is_success:
        return []
    if not response.validators.headers():
        return [Finding("warning", "neither ETag nor Last-Modified: each poll downloads all of it")]
    if again is None:
        return []
    if again.is_not_modified:
        return [Finding("good", "answers 304 when nothing has changed")]
    if again.is_success and again.body == response.body:
        return [Finding("warning", "ignores its own validators: each poll downloads all of it")]
    if again.is_success:
        return [Finding("note", "its content changes from request to request")]
    return [Finding("warning", f"answers {again.status} to a conditional request")]


def _document(feed: ParsedFeed, url: str, now: datetime) -> list[Finding]:
    entries = feed.entries
    if not entries:
        return [Finding("warning", "no entries")]
    if feed.format == INDEX:
        return _index(entries, url, now)
    found = [Finding("good", f"{_entries(len(entries))}, {feed.format}")]
    without_page = sum(not _has_page(entry, url) for entry in entries)
    if without_page:
        found.append(Finding("warning", f"{_entries(without_page)} without a link that can be fetched"))
    wrapped = sum(entry.link is not None and is_aggregator_link(entry.link) for entry in entries)
    if wrapped:
        found.append(Finding("warning", f"{counted(wrapped, 'link')} to a wrapper around the real one: not indexed"))
    without_id = sum(entry.entry_id is None for entry in entries)
    if without_id:
        found.append(Finding("note", f"{_entries(without_id)} without an id: known by link or title"))
    names = Counter(entry.entry_id for entry in entries if entry.entry_id)
    shared = sum(count for count in names.values() if count > 1)
    if shared:
        found.append(Finding("note", f"{_entries(shared)} with an id that others have too: known by id and link"))
    twice = len(entries) - len(set(identities(entries)))
    if twice:
        found.append(Finding("note", f"{_entries(twice)} listed twice"))
    return found + _dates(entries, now)


def _index(entries: tuple[FeedEntry, ...], url: str, now: datetime) -> list[Finding]:
    plan = plan_parts(entries, url, now)
    found = [Finding("good", f"a sitemap index: each of {counted(len(plan.parts), 'part')} becomes a feed of its own")]
    if plan.foreign:
        found.append(Finding("warning", f"{counted(plan.foreign, 'part')} on other sites: refused"))
    if plan.nameless:
        found.append(Finding("warning", f"{counted(plan.nameless, 'part')} without a web address"))
    return found


def _has_page(entry: FeedEntry, feed_url: str) -> bool:
    link = absolute_url(feed_url, entry.link) if entry.link else None
    try:
        return link is not None and bool(canonical_url(link))
    except ValueError:
        return False


def _entries(count: int) -> str:
    return counted(count, "entry", "entries")


def _dates(entries: tuple[FeedEntry, ...], now: datetime) -> list[Finding]:
    dated = [date for entry in entries if (date := entry.published_at or entry.updated_at) is not None]
    if not dated:
        return [Finding("note", "no entry has a date that can be read")]
    found = []
    if len(dated) < len(entries):
        found.append(Finding("note", f"{_entries(len(entries) - len(dated))} without a date that can be read"))
    ahead = sum(date > now + FUTURE for date in dated)
    if ahead:
        found.append(Finding("warning", f"{_entries(ahead)} dated in the future"))
    past = [date for date in dated if date <= now + FUTURE]
    if past and now - max(past) > STALE:
        found.append(Finding("warning", f"the newest entry is {(now - max(past)).days} days old"))
    return found


def _about_response(response: Response, seconds: float) -> dict[str, Any]:
    kept = ("content-type", "content-encoding", "etag", "last-modified", "cache-control", "expires", "retry-after")
    return {
        "url": response.url,
        "status": response.status,
        "redirects": [{"status": status, "url": url} for status, url in response.redirects],
        "bytes": len(response.body),
        "ms": round(seconds * 1000),
        "headers": {name: response.headers[name] for name in kept if name in response.headers},
    }


def _about_feed(feed: ParsedFeed) -> dict[str, Any]:
    texts = [max(len(entry.content or ""), len(entry.summary or "")) for entry in feed.entries]
    dates = [date for entry in feed.entries if (date := entry.published_at or entry.updated_at) is not None]
    return {
        **feed.model_dump(mode="json", include={"format", "title", "language", "site_url", "self_url", "hub_urls"}),
        "hints": feed.hints.model_dump(mode="json", exclude_defaults=True),
        "entries": len(feed.entries),
        "skipped": feed.skipped,
        "with_full_text": sum(length >= FULL_TEXT for length in texts),
        "oldest": rfc3339(min(dates)) if dates else None,
        "newest": rfc3339(max(dates)) if dates else None,
    }


def _about_entry(entry: FeedEntry) -> dict[str, Any]:
    date = entry.published_at or entry.updated_at
    return {"title": entry.title, "link": entry.link, "id": entry.entry_id, "at": rfc3339(date) if date else None}
