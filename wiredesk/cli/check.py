"""``wiredesk feeds check``: a doctor for one feed."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.cli.common import DataOption, JsonOption, desk, moment, print_json, say, settings_for, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.fetcher.answer import PollResult
    from services.fetcher.checkup import Checkup
    from shared.database import Connection
    from shared.http import GuardedClient, Response
    from shared.ledger.discovery import Discovery
    from shared.ledger.polls import FeedForPoll
    from shared.settings import Settings

SHOWN_ENTRIES = 5
_MARKS = {"good": "ok", "note": "note", "warning": "warning", "problem": "PROBLEM"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    source: Annotated[str, typer.Argument(help="A feed's id or URL, or the URL of a feed or website not here yet.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at one feed: what its site answers, what is wrong with it, and when it is polled next. Changes nothing."""
    settings = settings_for(data)
    with _registry(settings, data) as connection:
        found = _check(settings, connection, source)
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    if not found.ok:
        sys.exit(1)


@contextmanager
def _registry(settings: Settings, data: Path | None) -> Iterator[Connection | None]:
    """The registry where there is one: looking at a feed needs none."""
    if settings.database_url is None and not (settings.data / "postgres").is_dir():
        yield None
        return
    with desk(data) as opened:
        yield opened.connection


def _check(settings: Settings, connection: Connection | None, source: str) -> Checkup:
    from shared.http import GuardedClient

    feed = _feed(connection, source)
    with GuardedClient(settings) as client:
        found, alternates = _look(settings, connection, client, feed)
        if found.ok or not alternates:
            return found
        say(f"{feed.url} is a web page: looking at the feed that it names")
        time.sleep(settings.site_interval_seconds)
        return _look(settings, connection, client, _unknown_feed(alternates[0]))[0]


def _feed(connection: Connection | None, source: str) -> FeedForPoll:
    from shared.credentials import shown
    from shared.errors import UsageError
    from shared.ledger import polls
    from shared.reading.feeds import resolve_feed

    known = None
    if connection is not None:
        try:
            known = polls.look(connection, resolve_feed(connection, source))
        except UsageError:
            if "://" not in source:
                raise
    elif "://" not in source:
        raise UsageError(
            f"{shown(source)}: there is no registry here to look it up in; a URL starts with http:// or https://"
        )
    return known or _unknown_feed(source)


def _unknown_feed(url: str) -> FeedForPoll:
    from datetime import UTC, datetime

    from shared.credentials import shown
    from shared.errors import UsageError
    from shared.ledger.polls import FeedForPoll
    from shared.urls import canonical_url, site_of

    try:
        site = site_of(canonical_url(url))
    except ValueError as error:
        raise UsageError(f"{shown(url)}: {error}") from None
    return FeedForPoll(
        id=0,
        url=url.strip(),
        site=site,
        etag=None,
        last_modified=None,
        body_sha256=None,
        poll_state={},
        ever_succeeded=False,
        now=datetime.now(UTC),
    )


def _look(
    settings: Settings, connection: Connection | None, client: GuardedClient, feed: FeedForPoll
) -> tuple[Checkup, tuple[str, ...]]:
    """Ask once without validators and once with those of the answer. Returns also the feeds that a page names."""
    from services.fetcher.answer import Unreadable, read_response, usable_alternates
    from services.fetcher.checkup import check_up
    from services.fetcher.limits import ReadLimits, most_bytes, sitemap_bytes
    from services.fetcher.poll import ACCEPT, decide
    from services.fetcher.sending import Sending
    from shared.errors import FetchError
    from shared.ledger import requests
    from shared.siterules import SiteRules

    began = time.monotonic()
    response: Response | None = None
    again: Response | None = None
    result: PollResult
    sent = Sending.of(requests.for_poll(connection, feed.id) if connection is not None else None)
    agent = SiteRules.load(settings.sites_file).user_agent(feed.url) or settings.user_agent
    ask = partial(
        client.through(sent.proxy).get,
        feed.url,
        headers={"Accept": ACCEPT, "User-Agent": agent},
        credentials=sent.credentials,
    )
    limits, most = ReadLimits.of(settings, feed.now), most_bytes(feed.url, feed.format, settings)
    # As if it were new, so that its entries are seen.
    read = partial(
        read_response, feed=replace(feed, body_sha256=None), max_entries=limits.max_entries, sitemaps=limits.sitemaps
    )
    try:
        response = ask(max_bytes=most)
        seconds = time.monotonic() - began
        result = read(response)
        if isinstance(result, Unreadable) and result.is_cut_sitemap:
            time.sleep(settings.site_interval_seconds)
            most = sitemap_bytes(settings)
            response = ask(max_bytes=most)
            result = read(response)
        if response.is_success and response.validators.headers():
            time.sleep(settings.site_interval_seconds)
            again = ask(max_bytes=most, conditional=response.validators)
    except FetchError as error:
        seconds = time.monotonic() - began
        if response is None:
            result = Unreadable(error.reason, str(error))
    plan = decide(settings, feed, result, _compare(connection, feed, result), ms=round(seconds * 1000))
    found = check_up(feed.url, result, plan, now=feed.now, response=response, again=again, seconds=seconds)
    if not isinstance(result, Unreadable):
        return found, ()
    linked = usable_alternates(result.page.linked, (feed.url,)) if result.page is not None else ()
    return found, result.alternates or linked


def _compare(connection: Connection | None, feed: FeedForPoll, result: PollResult) -> Discovery:
    from services.fetcher.answer import Read
    from services.fetcher.seen import seen_entries
    from shared.ledger.discovery import Discovery, compare

    if not isinstance(result, Read):
        return Discovery(0, 0, 0)
    seen = seen_entries(result.feed, feed)
    return (
        Discovery(len(seen), len(seen), 0) if connection is None or not feed.id else compare(connection, feed.id, seen)
    )


def _print(found: Checkup) -> None:
    facts: list[list[object]] = [["url", found.url]]
    if found.response is not None:
        about = found.response
        facts.append(
            ["answer", f"{about['status']}, {about['bytes']:,} bytes in {about['ms']} ms, from {about['url']}"]
        )
        facts += [[name, value] for name, value in about["headers"].items()]
    if found.feed is not None:
        about = found.feed
        facts += [[name.replace("_", " "), about[name]] for name in ("format", "title", "language", "site_url")]
        facts.append(["entries", f"{about['entries']}, {about['with_full_text']} with full text"])
        facts.append(["dated", f"{moment(about['oldest'])} to {moment(about['newest'])}" if about["newest"] else None])
        hints = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in about["hints"].items())
        facts.append(["asks for", hints or None])
        facts.append(["push", ", ".join(about["hub_urls"]) or None])
    facts.append(["next poll", f"{moment(found.next_poll['at'])}: {found.next_poll['why']}"])
    table(None, ["", ""], [[name, value] for name, value in facts if value is not None])
    table("Findings", ["", ""], [[_MARKS[finding.level], finding.text] for finding in found.findings])
    if found.entries:
        shown = found.entries[:SHOWN_ENTRIES]
        rows = [[moment(entry["at"]), entry["title"], entry["link"]] for entry in shown]
        table(f"First {len(shown)} of {len(found.entries)} entries", ["at", "title", "link"], rows)
