"""Fields that are chosen by an order of witnesses."""

from __future__ import annotations

import re

import pytest
from lxml.html import document_fromstring

from services.parser import extract, fields
from services.parser.fields import ORDERS, Chosen, Statements
from services.parser.linked.article import LinkedArticle
from services.parser.meta import MetaTags
from shared.records import Article, EntryHints

TITLE = "A bridge for the town"
URL = "https://bote.example/lokales/bridge"


def choose(
    tags: dict[str, str | tuple[str, ...]] | None = None,
    linked: LinkedArticle | None = None,
    entry: EntryHints | None = None,
    body: str = "<p>Words</p>",
) -> Chosen:
    values = {name: (value,) if isinstance(value, str) else value for name, value in (tags or {}).items()}
    stated = Statements(MetaTags(values=values), linked or LinkedArticle(), entry or EntryHints())
    return fields.choose(stated, document_fromstring(body), titles=(TITLE,), sites=("The Bote",), url=URL)


def source_of(chosen: Chosen, name: str) -> str:
    return chosen.provenance[name].source


def test_the_first_witness_of_an_order_wins_and_the_others_are_kept():
    chosen = choose(
        {"og:description": "Of the river.", "description": "Of the bridge."}, LinkedArticle(description="Of the ferry.")
    )

    assert chosen.summary == "Of the bridge."
    assert source_of(chosen, "summary") == "description"
    assert [(c.source, c.value) for c in chosen.provenance["summary"].candidates] == [
        ("og:description", "Of the river."),
        ("jsonld", "Of the ferry."),
    ]


@pytest.mark.parametrize("field", ["summary", "subtitle"])
def test_the_headline_again_is_neither_summary_nor_subtitle(field):
    chosen = choose(
        {"description": "A Bridge for the town!"}, LinkedArticle(alternative_headline="A bridge for the town.")
    )

    assert getattr(chosen, field) is None
    assert chosen.provenance[field].source == "none"
    assert chosen.provenance[field].candidates[0].reason == "the headline again"


def test_a_summary_that_is_cut_stands_behind_the_same_one_that_is_whole():
    chosen = choose(
        {"description": "The council decided on…", "og:description": "The council decided on Thursday to build."}
    )

    assert chosen.summary == "The council decided on Thursday to build."
    assert choose({"description": "The council…", "og:description": "Of the river."}).summary == "The council…"


@pytest.mark.parametrize("junk", ["{{ page.description }}", "undefined", "%%excerpt%%"])
def test_a_template_s_gap_is_no_summary(junk):
    assert choose({"description": junk, "og:description": "Of the river."}).summary == "Of the river."


def test_the_feed_summarises_only_where_it_is_short():
    assert choose(entry=EntryHints(summary="<p>Of the feed.</p>")).summary == "Of the feed."
    assert choose(entry=EntryHints(summary="word " * 3_000)).summary is None


@pytest.mark.parametrize(
    ("tags", "linked", "section", "witness"),
    [
        ({"article:section": "Local"}, ("Ferries",), "Local", "article:section"),
        ({"article:section": "News"}, ("Ferries",), "Ferries", "jsonld"),
        ({"article:section": "tags"}, ("news", "Ferries"), "Ferries", "jsonld"),
        ({"og:section": "A bridge for the town"}, (), "Lokales", "breadcrumbs"),
        ({}, ("The Bote",), "Lokales", "breadcrumbs"),
    ],
)
def test_the_section_says_more_than_news_and_the_site(tags, linked, section, witness):
    chosen = choose(tags, LinkedArticle(sections=linked, breadcrumbs=("Home", "Lokales", TITLE)))

    assert chosen.section == section
    assert source_of(chosen, "section") == witness


def test_tags_are_what_all_witnesses_name_and_general_keywords_only_a_last_resort():
    entry = EntryHints(tags=("quay",))
    chosen = choose(
        {"article:tag": ("Ferry", "Bridge"), "keywords": "seo"}, LinkedArticle(keywords=("ferry", "river")), entry
    )

    assert chosen.tags == ("Ferry", "Bridge", "river", "quay")
    assert source_of(chosen, "tags") == "article:tag"
    assert [c.source for c in chosen.provenance["tags"].candidates] == ["jsonld", "feed"]
    assert choose({"keywords": "ferry, bridge, news"}).tags == ("ferry", "bridge")


def test_tags_beyond_the_limit_are_counted():
    chosen = choose({"article:tag": tuple(f"tag {number}" for number in range(80))})

    assert len(chosen.tags) == 50
    limit = chosen.provenance["tags"].candidates[0]
    assert (limit.source, limit.value, limit.reason) == ("limit", "30 more tags", "more than 50 tags")


def test_name_and_country_of_the_source_tell_where_they_are_from():
    chosen = choose({"og:site_name": "The Bote | Home"}, LinkedArticle(publisher="Bote Verlag", country="Österreich"))

    assert (chosen.source_name, chosen.source_country) == ("The Bote", "AT")
    assert chosen.provenance["source.name"].raw == "The Bote | Home"
    assert source_of(chosen, "source.country") == "jsonld"


def test_the_record_has_the_fields_and_their_provenance(page):
    head = (
        '<meta property="og:site_name" content="Übersee-Bote"><meta property="article:section" content="Lokales">'
        '<meta property="article:tag" content="Brücke"><meta name="description" content="Der Rat hat beschlossen.">'
        '<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/deed.de">'
    )

    found = extract(page(head=head), url="https://bote.example/lokales/4711")

    assert isinstance(found, Article)
    assert (found.source.name, found.section, found.tags) == ("Übersee-Bote", "Lokales", ("Brücke",))
    assert (found.summary, found.access.license) == ("Der Rat hat beschlossen.", "CC BY-SA 4.0")
    assert {"source.name", "section", "tags", "summary", "access.license"} <= set(found.provenance)
    assert found.provenance["access.license"].raw == "https://creativecommons.org/licenses/by-sa/4.0/deed.de"


def test_every_order_names_each_witness_once():
    for order in ORDERS.values():
        assert len(set(order)) == len(order)
        assert all(re.fullmatch(r"[a-z0-9:._-]+", name) for name in order)
