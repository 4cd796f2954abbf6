"""Two records of one page: what changed is told by field, and what is not the parser's is left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given

from shared.records import Access, Article, Author, FieldProvenance, Page, Quality, Rejection, RejectionReason, Urls
from tests.wiredesk.comparing.records import RECORDS, TEXT, URL, article, found, rejection
from wiredesk.comparing import compare
from wiredesk.comparing.changes import NOT_COMPARED, leaves


@given(RECORDS)
def test_a_record_does_not_differ_from_itself(record: Article | Rejection) -> None:
    change = compare(found(record), found(record))
    assert (change.fields, change.text) == ({}, None)
    assert change.same_page
    assert change.same_witnesses


@given(RECORDS)
def test_a_record_does_not_differ_from_itself_read_back_from_a_file(record: Article | Rejection) -> None:
    again = type(record).model_validate_json(record.model_dump_json())
    assert compare(found(record), found(again)).fields == {}


@given(RECORDS, RECORDS)
def test_the_way_back_changes_the_same_fields(one: Article | Rejection, other: Article | Rejection) -> None:
    there, back = compare(found(one), found(other)), compare(found(other), found(one))
    assert {name: (new, old) for name, (old, new) in there.fields.items()} == back.fields


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"title": "The crane moves again"}, "title"),
        ({"authors": ()}, "authors"),
        ({"authors": (Author(name="Ada Quill", url="https://gazette.example/quill"),)}, "authors"),
        ({"urls": Urls(final=URL, canonical="https://gazette.example/crane")}, "urls.canonical"),
        ({"quality": Quality(score=1.0, flags=("paywall",))}, "quality.flags"),
        ({"access": Access(free=False)}, "access.free"),
        ({"published_at": datetime(2026, 3, 1, tzinfo=UTC)}, "published_at"),
        ({"text": TEXT + "\n\nMore."}, "text"),
    ],
)
def test_a_changed_field_is_named(fields: dict[str, object], name: str) -> None:
    change = compare(found(article()), found(article(**fields)))
    assert list(change.fields) == [name]
    assert (change.text is not None) == (name == "text")


def test_what_store_queue_and_indexer_know_is_not_compared() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    later = article(
        id="01J" + "0" * 23, version=3, seq=9, discovered_at=at, fetched_at=at, parsed_at=at, indexed_at=at,
        urls=Urls(discovered="https://gazette.example/?p=1", final=URL, canonical=URL),
        page=Page(key="2026/03/01/1-1.warc.gz", sha256="a" * 64), access=Access(robots="allowed"),
    )  # fmt: skip
    assert compare(found(article()), found(later)).fields == {}


def test_every_field_of_the_record_is_compared_or_named_as_not_compared() -> None:
    compared = {name.partition(".")[0] for name in leaves(article())}
    assert compared | {name for name in NOT_COMPARED if "." not in name} == set(Article.model_fields)


def test_a_score_that_moved_by_a_hair_did_not_move() -> None:
    change = compare(found(article(language_confidence=0.9991)), found(article(language_confidence=0.9993)))
    assert change.fields == {}


def test_the_number_of_words_is_news_only_where_the_text_is_not() -> None:
    assert list(compare(found(article()), found(article(word_count=99))).fields) == ["word_count"]
    assert list(compare(found(article()), found(article(word_count=99, text="Other."))).fields) == ["text"]


def test_other_witnesses_for_the_same_values_are_no_change_but_told() -> None:
    other = article(provenance={"title": FieldProvenance(source="jsonld")})
    change = compare(found(article()), found(other))
    assert change.fields == {}
    assert not change.same_witnesses


def test_an_article_lost_or_won_is_one_change() -> None:
    lost = compare(found(article()), found(rejection()))
    assert lost.fields == {"outcome": ("article", "no_text")}
    assert compare(found(rejection()), found(article())).fields == {"outcome": ("no_text", "article")}


def test_another_reason_is_a_change_and_another_wording_is_none() -> None:
    malformed = rejection(RejectionReason.MALFORMED)
    assert compare(found(rejection()), found(malformed)).fields == {"outcome": ("no_text", "malformed")}
    assert compare(found(rejection(detail="a")), found(rejection(detail="b"))).fields == {}


def test_pages_with_other_bytes_are_told_apart_where_both_are_known() -> None:
    assert not compare(found(article()), found(article(page=Page(sha256="b" * 64)))).same_page
    assert compare(found(article()), found(article(page=Page()))).same_page


def test_a_lost_article_weighs_more_than_its_text_and_that_more_than_a_field() -> None:
    lost = compare(found(article()), found(rejection()))
    text = compare(found(article()), found(article(text="Something else altogether stands here now, and it is long.")))
    title = compare(found(article()), found(article(title="Another")))
    assert lost.weight > text.weight > title.weight


def test_a_page_belongs_to_its_registered_domain() -> None:
    far = found(article(urls=Urls(final="https://www.news.gazette.co.uk/a")))
    assert compare(far, far).site == "gazette.co.uk"
    nowhere = found(article(url=None, urls=Urls()))
    assert compare(nowhere, nowhere).site == "(no URL)"
