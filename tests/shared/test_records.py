"""Records: frozen, strict, and their times are UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from shared.records import Article, ContentSource, Extraction, FeedEntry, Rejection, RejectionReason, rfc3339

FIELDS = {"text": "t", "content_source": ContentSource.PAGE, "word_count": 1}


def article(**facts: object) -> Article:
    return Article.model_validate({**FIELDS, "extraction": Extraction(extractor="t", version="1"), **facts})


def test_any_zone_comes_in_utc_is_kept_and_rfc3339_goes_out() -> None:
    moscow = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=3)))
    found = article(published_at=moscow)
    assert found.published_at == datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
    assert found.model_dump(mode="json")["published_at"] == "2026-02-28T22:30:00Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="without a zone"):
        article(published_at=datetime(2026, 3, 1))  # noqa: DTZ001 - that is the point


def test_fractions_are_kept_where_there_are_any() -> None:
    assert rfc3339(datetime(2026, 3, 1, 0, 0, 0, 5000, tzinfo=UTC)) == "2026-03-01T00:00:00.005000Z"


def test_a_misspelt_field_is_refused_and_a_record_cannot_change() -> None:
    with pytest.raises(ValidationError):
        article(titel="x")
    with pytest.raises(ValidationError):
        article().title = "x"  # type: ignore[misc]


def test_a_feed_entry_of_a_later_version_can_be_read() -> None:
    assert FeedEntry.model_validate({"title": "x", "new_in_version_2": 1}).title == "x"


def test_records_survive_json() -> None:
    found = article(title="Ж", language_confidence=float("nan"))
    again = Article.model_validate_json(found.model_copy(update={"language_confidence": None}).model_dump_json())
    assert again.title == "Ж"
    assert '"language_confidence":null' in found.model_dump_json()
    rejection = Rejection(reason=RejectionReason.PARSER_ERROR)
    assert Rejection.model_validate_json(rejection.model_dump_json()) == rejection
