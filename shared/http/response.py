"""What a site answered, asked by intention: succeeded? unchanged? when again?"""

from __future__ import annotations

import re
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared.http.walls import bot_wall

_MEDIA_TYPE = re.compile(r"[!#$&^_.+\w-]+/[!#$&^_.+\w-]+", re.ASCII)
MOST_SECONDS = 1e9
_DELAY = re.compile(r"[0-9]{1,30}")
# Validators are kept in a column and sent back as they are: only what can stand in a header line, and no novel.
_VALIDATOR = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?")


class Headers(Mapping[str, str]):
    """Header fields: found whatever their case, listed by :meth:`items` in the site's order and spelling, repeated
    ones included. Looking up a repeated field gives its values joined by commas (RFC 9110 5.3).
    """

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)
        self._joined: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for name, value in self._pairs:
            key = name.lower()
            self._joined[key] = f"{self._joined[key]}, {value}" if key in self._joined else value
            self._names.setdefault(key, name)

    def __getitem__(self, name: str) -> str:
        return self._joined[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._joined

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def __len__(self) -> int:
        return len(self._joined)

    def __repr__(self) -> str:
        return f"Headers({list(self._pairs)!r})"

    def items(self) -> ItemsView[str, str]:
        """Every field as it came."""
        return _Pairs(self, self._pairs)

    def first(self, name: str) -> str | None:
        """The first value of a field that must not be repeated, or ``None``."""
        return next((value for key, value in self._pairs if key.lower() == name.lower()), None)


class _Pairs(ItemsView[str, str]):
    def __init__(self, headers: Headers, pairs: tuple[tuple[str, str], ...]) -> None:
        super().__init__(headers)
        self._pairs = pairs

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


@dataclass(frozen=True)
class Validators:
    """What a later request may be made conditional on (RFC 9110 8.8). Opaque: compared and sent back, never read."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The header fields that make a request conditional on these; what no header can carry is left out."""
        fields = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in fields.items() if value is not None and _VALIDATOR.fullmatch(value)}


@dataclass(frozen=True, kw_only=True)
class Response:
    """A site's last answer, after redirects.

    ``url`` is where it came from; ``redirects`` are the hops before it, as (status, address that redirected).
    ``body`` is decoded, but not interpreted. ``truncated``: it is not whole, because it reached the size cap or
    (``closed_early`` as well) because the site hung up in the middle. ``credentials_sent``: whether the credentials of
    the request went to ``url``; ``None`` when there were none.
    """

    status: int
    url: str
    headers: Headers
    body: bytes
    truncated: bool = False
    closed_early: bool = False
    redirects: tuple[tuple[int, str], ...] = ()
    credentials_sent: bool | None = None

    @property
    def words(self) -> str:
        """Who answered what, for a person; where that may be for want of credentials, also whether those were sent."""
        words = f"{self.url} answered {self.status}"
        if self.credentials_sent is None or self.status not in (401, 403):
            return words
        return (
            f"{words}, credentials were {'sent' if self.credentials_sent else 'not sent: they are for another origin'}"
        )

    @property
    def bot_wall(self) -> str | None:
        """Whose wall against robots this certainly is, instead of what was asked for; mostly ``None``."""
        return bot_wall(self.status, self.headers)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def is_not_modified(self) -> bool:
        """Whether what the request was conditional on still holds."""
        return self.status == 304

    @property
    def content_type(self) -> str | None:
        """The media type in lower case without parameters; ``None`` when there is none or it is no media type."""
        media_type = (self.headers.first("content-type") or "").partition(";")[0].strip().lower()
        return media_type if _MEDIA_TYPE.fullmatch(media_type) else None

    @property
    def validators(self) -> Validators:
        """What the next request may be made conditional on."""
        etag, modified = self.headers.first("etag"), self.headers.first("last-modified")
        return Validators(
            etag=etag if etag is not None and _VALIDATOR.fullmatch(etag) else None,
            last_modified=modified if modified is not None and _VALIDATOR.fullmatch(modified) else None,
        )

    def retry_after(self, now: datetime) -> float | None:
        """Seconds that the site asks to be left alone, from either form of Retry-After (RFC 9110 10.2.3).

        ``None`` when it does not say, or nothing that can be read; 0 for a time that has passed.
        """
        value = (self.headers.first("retry-after") or "").strip()
        if _DELAY.fullmatch(value):
            # A number without end means: for long. How long is obeyed is the caller's business.
            return min(float(value), MOST_SECONDS)
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        try:
            return max(0.0, (until - now).total_seconds())
        except OverflowError:
            return None
