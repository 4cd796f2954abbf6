"""What is sent along with a feed's requests: the one table that holds secrets of sites, and nobody reads but these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import SecretStr

from shared.credentials import Credentials, Origin, Userinfo, origin_text, read_origin
from shared.database import Connection

_COLUMNS = "r.origin, r.headers, r.cookies, r.username, r.password, r.proxy, r.for_pages"


@dataclass(frozen=True, kw_only=True)
class FeedRequests:
    """One feed's; no repr shows a value. ``for_pages``: pages that the feed lists get them too, where they are of the
    origin that the secrets are for.
    """

    credentials: Credentials
    proxy: SecretStr | None = None
    for_pages: bool = False

    @property
    def origin(self) -> Origin:
        """Whom the secrets are for."""
        return self.credentials.origin


def of_feed(connection: Connection, feed_id: int) -> FeedRequests | None:
    """What goes with the requests for a feed, if anything."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM feed_requests r WHERE feed_id = %s", [feed_id]).fetchone()  # noqa: S608 - constants
    return _read(row) if row is not None else None


def for_poll(connection: Connection, feed_id: int) -> FeedRequests | None:
    """What goes with the requests of a poll: the feed's own, or for a part of a sitemap index what its index has."""
    row = connection.execute(
        f"""
        SELECT {_COLUMNS} FROM feeds f LEFT JOIN feeds above ON above.id = f.parent_id
        JOIN feed_requests r ON r.feed_id IN (f.id, f.parent_id, above.parent_id)
        WHERE f.id = %s ORDER BY r.feed_id = f.id DESC, r.feed_id = f.parent_id DESC LIMIT 1
        """,  # noqa: S608 - constants
        [feed_id],
    ).fetchone()
    return _read(row) if row is not None else None


def of_entry(connection: Connection, entry_id: int) -> FeedRequests | None:
    """What goes with the request for the page of an entry, where that of a feed which lists it is for pages too; of
    several feeds, that of the page's own origin.
    """
    row = connection.execute(
        f"""
        SELECT {_COLUMNS} FROM sightings s JOIN feeds f ON f.id = s.feed_id JOIN entries e ON e.id = s.entry_id
        LEFT JOIN feeds above ON above.id = f.parent_id
        JOIN feed_requests r ON r.feed_id IN (f.id, f.parent_id, above.parent_id)
        WHERE s.entry_id = %s AND r.for_pages
        ORDER BY starts_with(e.url, r.origin || '/') DESC, r.feed_id = f.id DESC,
            r.feed_id IS NOT DISTINCT FROM f.parent_id DESC, r.feed_id LIMIT 1
        """,  # noqa: S608 - constants
        [entry_id],
    ).fetchone()
    return _read(row) if row is not None else None


def save(connection: Connection, feed_id: int, wanted: FeedRequests) -> None:
    """Make ``wanted`` what goes with a feed's requests from now on."""
    credentials = wanted.credentials
    connection.execute(
        """
        INSERT INTO feed_requests (feed_id, origin, headers, cookies, username, password, proxy, for_pages)
        VALUES (%(feed_id)s, %(origin)s, %(headers)s, %(cookies)s, %(username)s, %(password)s, %(proxy)s, %(for_pages)s)
        ON CONFLICT (feed_id) DO UPDATE SET
            origin = excluded.origin, headers = excluded.headers, cookies = excluded.cookies,
            username = excluded.username, password = excluded.password, proxy = excluded.proxy,
            for_pages = excluded.for_pages
        """,
        {
            "feed_id": feed_id,
            "origin": origin_text(credentials.origin),
            "headers": Jsonb({name: value.get_secret_value() for name, value in credentials.headers.items()}),
            "cookies": Jsonb({name: value.get_secret_value() for name, value in credentials.cookies.items()}),
            "username": _plain(credentials.username),
            "password": _plain(credentials.password),
            "proxy": _plain(wanted.proxy),
            "for_pages": wanted.for_pages,
        },
    )


def clear(connection: Connection, feed_id: int) -> None:
    """Send nothing along any more, and forget what was."""
    connection.execute("DELETE FROM feed_requests WHERE feed_id = %s", [feed_id])


def keep_userinfo(connection: Connection, feed_id: int, given: str, user: Userinfo | None, *, now_at: str) -> None:
    """Take over the name and password that stood in the address ``given`` under which a feed was added, which may be
    one that it has left for ``now_at``: what is set for that one is not given up for them.
    """
    if user is None:
        return
    origin = read_origin(given)
    there = of_feed(connection, feed_id)
    if there is not None and there.origin == read_origin(now_at) != origin:
        return
    if there is None or there.origin != origin:
        there = FeedRequests(credentials=Credentials(origin=origin))
    credentials = replace(there.credentials, username=user.username, password=user.password)
    save(connection, feed_id, replace(there, credentials=credentials))


def _read(row: dict[str, Any]) -> FeedRequests:
    return FeedRequests(
        credentials=Credentials(
            origin=read_origin(row["origin"]),
            headers={name: SecretStr(value) for name, value in row["headers"].items()},
            cookies={name: SecretStr(value) for name, value in row["cookies"].items()},
            username=_secret(row["username"]),
            password=_secret(row["password"]),
        ),
        proxy=_secret(row["proxy"]),
        for_pages=row["for_pages"],
    )


def _secret(value: str | None) -> SecretStr | None:
    return SecretStr(value) if value is not None else None


def _plain(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value is not None else None
