"""The explanation says what the record says, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.parser.assemble import examine, extract
from services.parser.explain import explain
from services.parser.published import FEED_APART
from services.parser.rules import FIELD_RULES
from services.parser.story import Explanation, FieldStory
from shared.records import Article, EntryHints

URL = "https://gazette.example/harbour/crane-moves"
PARAGRAPHS = "".join(
    f"<p>The crane at the old harbour moved on day {number}, which nobody in town had expected after so long.</p>"
    for number in range(8)
)
LINKED = json.dumps(
    {
        "@type": "NewsArticle",
        "headline": "The crane moves again",
        "datePublished": "2026-03-01T10:00:00+01:00",
        "articleSection": "Harbour",
        "author": {"@type": "Person", "name": "Ada Quill"},
    }
)
PAGE = f"""<html lang="en"><head><title>The crane moves again | Gazette</title>
<meta property="og:title" content="Crane: the surprise"><meta property="og:site_name" content="The Gazette">
<meta name="description" content="A crane has moved."><meta property="article:section" content="Local">
<script type="application/ld+json">{LINKED}</script></head>
<body><article><h1>The crane moves again</h1>{PARAGRAPHS}<p>Sign up for our newsletter</p></article></body></html>"""


def explained(html: str = PAGE, **facts: Any) -> Explanation:
    return explain(examine(html.encode(), **{"url": URL, **facts}))


def field(story: Explanation, name: str) -> FieldStory:
    return next(one for one in story.fields if one.name == name)


def test_a_field_names_its_winner_the_rule_and_the_others() -> None:
    title = field(explained(), "title")
    assert (title.value, title.source) == ("The crane moves again", "h1")
    assert title.rule == FIELD_RULES["title"]
    assert {(one.source, one.value) for one in title.others} >= {
        ("jsonld", "The crane moves again"),
        ("og", "Crane: the surprise"),
    }


def test_a_field_without_provenance_on_the_record_is_told_by_who_says_its_value() -> None:
    summary = field(explained(), "summary")
    assert (summary.value, summary.source) == ("A crane has moved.", "description")


def test_every_field_has_the_value_of_the_record() -> None:
    examined = examine(PAGE.encode(), url=URL)
    values = examined.record.model_dump(mode="json")
    for story in explain(examined).fields:
        value: Any = values
        for part in story.name.split("."):
            value = value[part]
        assert story.value == value, story.name


def test_every_rule_is_about_a_field_of_the_record() -> None:
    names = {name.partition(".")[0] for name in FIELD_RULES}
    assert names <= set(Article.model_fields)


def test_examining_gives_the_record_that_extract_gives() -> None:
    assert examine(PAGE.encode(), url=URL).record == extract(PAGE.encode(), url=URL)


def test_the_steps_are_watched_in_their_order() -> None:
    steps: list[str] = []
    examine(PAGE.encode(), url=URL, watch=steps.append)
    assert steps[:2] == ["bytes to tree", "witnesses"]
    assert steps.index("text") < steps.index("dates and images") < steps.index("language and access")


def test_the_body_tells_its_source_its_length_and_what_was_dropped() -> None:
    story = explained()
    record = extract(PAGE.encode(), url=URL)
    assert isinstance(record, Article)
    assert story.body is not None
    assert (story.body.source, story.body.words) == ("page", record.word_count)
    assert story.body.lengths["page"] == record.word_count
    assert "Sign up for our newsletter" in {one.line for one in story.body.dropped}
    assert all(one.rule for one in story.body.dropped)
    assert story.body.standfirst is None


def test_a_page_that_two_readers_differ_on_tells_the_candidates() -> None:
    lead = "<p>The crane at the old harbour moved on Tuesday morning, and all the town came to see it move.</p>"
    rest = "<p>A paragraph tells at some length what the crane did next, and who watched it that day.</p>" * 30
    html = f"<html><body><article>{lead * 4}</article><div class='rest'>{rest}</div></body></html>"
    story = explained(html)
    assert story.body is not None
    assert story.body.doubt is not None
    assert set(story.body.candidates) >= {"trafilatura", "trafilatura:whole", "trafilatura:precise"}


def test_a_standfirst_that_was_added_is_told() -> None:
    lead = "For the first time in forty years the old harbour crane has been moved, to nobody's benefit."
    html = PAGE.replace("A crane has moved.", lead).replace("<article>", f"<header><div>{lead}</div></header><article>")
    story = explained(html)
    assert story.body is not None
    assert story.body.standfirst == lead


def test_a_text_from_the_feed_says_why() -> None:
    entry = EntryHints(title="The crane", content="<p>The crane moved. It was a sight.</p>" * 20)
    story = explained("<html><body><div>Please wait</div></body></html>", entry=entry)
    assert story.body is not None
    assert story.body.source == "feed"
    assert "feed" in story.body.because


def test_a_flag_gives_its_cost_and_its_reason() -> None:
    story = explained(
        "<html><body><article><h1>The crane</h1><p>It moved at last, and nobody was there to see it.</p></article>"
    )
    (flag,) = [one for one in story.flags if one.flag == "too_short"]
    assert flag.because.endswith("words, fewer than 50")
    assert 0 < flag.cost < 1
    assert story.score is not None
    assert story.score <= round(1 - flag.cost, 2)


def test_a_doubtful_date_says_what_speaks_against_it() -> None:
    entry = EntryHints(published_raw="2026-02-01T09:00:00Z")
    story = explained(entry=entry, now=datetime(2026, 3, 2, tzinfo=UTC))
    assert {one.flag: one.because for one in story.flags} == {"date_suspect": FEED_APART}


def test_a_rejection_says_why_and_what_the_page_has() -> None:
    story = explained("<html><head><title>Loading</title><script>run()</script></head><body></body></html>")
    assert (story.outcome, story.fields, story.body) == ("no_text", (), None)
    assert story.detail
    assert (story.seen["title"], story.seen["scripts"]) == ("Loading", 1)


def test_bytes_that_never_became_a_page_have_a_reason_and_nothing_else() -> None:
    story = explain(examine(b"%PDF-1.7\n", url=URL))
    assert (story.outcome, story.fields, dict(story.seen)) == ("not_html", (), {})


def test_the_explanation_is_json() -> None:
    story = explained(now=datetime(2026, 3, 2, tzinfo=UTC))
    assert json.loads(json.dumps(story.as_dict()))["outcome"] == "article"


SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "pages" / "htmldate"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample pages are not here: ../shared/data")
def test_every_flag_on_real_pages_has_a_reason() -> None:
    import gzip

    for file in sorted(SAMPLES.glob("*.html.gz"))[::12]:
        story = explain(examine(gzip.decompress(file.read_bytes())))
        assert all(flag.because for flag in story.flags), (file.name, story.flags)
        json.dumps(story.as_dict())
