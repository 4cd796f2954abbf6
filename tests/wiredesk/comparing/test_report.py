"""Many changes counted: shares, buckets, sites and the worst."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.records import Article, Author, FieldProvenance, Page, Rejection, Urls
from tests.wiredesk.comparing.records import RECORDS, TEXT, article, found, rejection
from wiredesk.comparing import Report, Tally, compare


def report(*pairs: tuple[Article | Rejection, Article | Rejection], examples: int = 5) -> Report:
    tally = Tally(examples=examples)
    for number, (old, new) in enumerate(pairs):
        tally.add(compare(found(old, f"{number}.html"), found(new, f"{number}.html")))
    return tally.report()


def test_fields_are_counted_by_what_became_of_them() -> None:
    told = report(
        (article(), article()),
        (article(), article(title="Another")),
        (article(title=None), article()),
        (article(), article(title=None, authors=())),
    )
    title = told.fields["title"]
    assert (told.pages, told.unchanged, told.changed) == (4, 1, 3)
    assert (title.total, title.changed, title.gained, title.lost) == (3, 1, 1, 1)
    assert list(told.fields) == ["title", "authors"], "the most frequent change comes first"
    assert told.as_dict()["fields"]["title"]["share"] == 0.75


def test_articles_lost_and_won_are_counted() -> None:
    told = report((article(), rejection()), (rejection(), article()), (article(), rejection()))
    assert told.outcomes == {"article -> no_text": 2, "no_text -> article": 1}


def test_texts_are_graded_by_overlap_and_words() -> None:
    told = report((article(), article(text=f"{TEXT}\n\nAnd more.")), (article(), article(text="Gone.")))
    assert [name for name, count in told.overlaps.items() if count] == ["0.8 to 0.95", "below 0.5"]
    assert told.words == {"words_before": 36, "words_after": 21, "words_added": 3, "words_lost": 18}


def test_the_worst_come_first_and_no_more_than_asked_for() -> None:
    pairs = [(article(), article(text=TEXT.replace("Tuesday", "Monday"))) for _ in range(30)]
    told = report(*pairs, (article(), rejection()), (article(), article(text="Gone.")), *pairs, examples=2)
    assert [example["outcome"][1] for example in told.examples] == ["no_text", "article"]
    assert told.examples[1]["overlap"] == 0.0
    assert told.examples[1]["text"][-1] == "+ Gone."


def test_no_examples_are_kept_where_none_are_wanted() -> None:
    assert report((article(), rejection()), examples=0).examples == ()


def test_samples_of_a_field_are_few_and_short() -> None:
    told = report(*[(article(), article(title="x" * 5000, authors=(Author(name="B"),) * 9)) for _ in range(10)])
    samples = told.fields["title"].samples
    assert len(samples) == 3
    assert len(samples[0]["new"]) < 200
    assert told.fields["authors"].samples[0]["new"] == ["B"] * 5 + ["…"]


def test_of_lists_only_what_differs_is_shown() -> None:
    told = report(
        (article(tags=("a", "b", "c")), article(tags=("c", "a", "d"))),
        (article(tags=("a", "b")), article(tags=("b", "a"))),
    )
    first, second = told.fields["tags"].samples
    assert (first["old"], first["new"]) == (["b"], ["d"])
    assert (second["old"], second["new"]) == (["a", "b"], ["b", "a"]), "another order"


def test_sites_that_changed_are_told_with_their_pages() -> None:
    there = {"url": None, "urls": Urls(final="https://mirror.example/a")}
    told = report(
        (article(), article(title="Another")),
        (article(), article()),
        (article(**there), article(**there)),
    )
    assert told.as_dict()["sites"] == {
        "gazette.example": {"pages": 2, "changed": 1, "text_changed": 0, "mean_overlap": None}
    }


def test_other_bytes_witnesses_and_versions_are_told() -> None:
    told = report(
        (article(), article(page=Page(sha256="b" * 64))),
        (article(), article(provenance={"title": FieldProvenance(source="og")})),
    )
    assert (told.unchanged, told.other_bytes, told.only_witnesses) == (2, 1, 1)
    assert told.versions == ({"1": 2}, {"1": 2})


def test_pages_that_were_not_compared_are_counted_by_why() -> None:
    tally = Tally()
    tally.leave_out("only_old", 3)
    tally.leave_out("only_new")
    tally.leave_out("unread", 0)
    assert tally.report().unmatched == {"only_old": 3, "only_new": 1}


@given(st.lists(st.tuples(RECORDS, RECORDS), max_size=8))
def test_every_page_is_changed_or_unchanged_and_the_report_is_json(
    pairs: list[tuple[Article | Rejection, Article | Rejection]],
) -> None:
    told = report(*pairs)
    assert told.unchanged + told.changed == told.pages == len(pairs)
    assert sum(told.overlaps.values()) == (told.fields["text"].total if "text" in told.fields else 0)
    assert sum(told.outcomes.values()) == (told.fields["outcome"].total if "outcome" in told.fields else 0)
    assert json.loads(json.dumps(told.as_dict())) == told.as_dict()


@given(st.lists(RECORDS, max_size=8))
def test_pages_against_themselves_are_unchanged(records: list[Article | Rejection]) -> None:
    told = report(*((record, record) for record in records))
    assert told.unchanged == len(records)
    assert (dict(told.fields), dict(told.sites), told.examples) == ({}, {}, ())
