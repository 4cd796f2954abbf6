"""What /v1/sites returns, for the OpenAPI document."""

from __future__ import annotations

from pydantic import Field

from shared.drift import State
from shared.records import Instant, Record


class SiteShare(Record):
    """The share of a site's pages that have a mark, from 0 to 1."""

    before: float
    now: float
    limit: float = Field(description="What it may be now, for all that is known of before.")


class Site(Record):
    """How a site's pages are read, as the last look at it found."""

    site: str
    state: State
    why: str = Field(description="What is behind it, in words.")
    alarm: bool = Field(description="Whether it is changed for a day or longer: there is a `site_drift` alert.")
    changed_since: Instant | None
    pages_now: int = Field(description="Pages of the last week that were looked at.")
    pages_before: int = Field(description="Pages of the four weeks before it.")
    measures: dict[str, SiteShare] = Field(
        description="By mark: a quality flag, `rejected`, `no_title`, `no_date`, `no_author`, `not_from_page`, "
        "`much_shorter`, `much_longer`, `site_rule_missed`."
    )
    looked_at: Instant


class SiteList(Record):
    """A page of sites, by name."""

    sites: list[Site]
    next_after: str | None = Field(description="Pass it as `after` for the next page; null at the end.")
