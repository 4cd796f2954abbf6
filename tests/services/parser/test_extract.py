"""The parser as a whole: pages in, articles or reasoned rejections out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.parser import extract
from services.parser.recording import PARSER_VERSION
from shared.records import Article, ContentSource, EntryHints, Rejection, RejectionReason

SEED = Path(__file__).parents[4] / "shared" / "data" / "seed"
URL = "https://bote.example/lokales/4711-bruecke/?utm_source=rss"
SHELL = b'<html><head><title>Bote</title><script src="/a.js"></script></head><body><div id="root"></div></body></html>'
SENTENCES = tuple(
    f"In its {number}. year the ferry carried more people than the bridge that was meant to replace it ever did."
    for number in range(1, 9)
)


def article(found: Article | Rejection) -> Article:
    assert isinstance(found, Article), found
    return found


def rejection(found: Article | Rejection) -> Rejection:
    assert isinstance(found, Rejection), found
    return found


@pytest.mark.skipif(not SEED.is_dir(), reason="needs the seed article of ../shared/data")
def test_the_seed_article_comes_out_whole():
    entry = EntryHints(
        title="Erstes Telefonat zwischen ranghohen Militärs Russlands und der USA seit Beginn des Ukraine-Kriegs",
        summary="Der russische Generalstabschef, Waleri Gerassimow, und der ranghöchste US-Militäroffizier",
        published_at=datetime(2022, 5, 20, 7, 14, 41, tzinfo=UTC),
        published_raw="Fri, 20 May 2022 07:14:41 +0000",
        feed_title="RT DE",
        feed_language="de",
    )

    found = article(
        extract((SEED / "page.html").read_bytes(), url="https://example.test/international/138977-x/", entry=entry)
    )

    naive = (SEED / "article.txt").read_text(encoding="utf-8")
    title, lead, _, body = naive.strip().split("\n\n")
    assert found.title == title
    assert found.text.startswith(lead)
    for sentence in (
        "miteinander telefoniert, wie das russische",
        "hieß es.",
        "Militäroperation in der Ukraine Ende Februar.",
    ):
        assert sentence in body
        assert sentence in found.text
    for foreign in ("Quelle", "Gettyimages", "Raketenwerfer", "Mehr zum Thema", "Rumpf", "Teilen", "Top-Themen"):
        assert foreign not in found.text
    assert found.language == "de"
    assert found.published_at == datetime(2022, 5, 20, 7, 14, 41, tzinfo=UTC)
    assert found.provenance["published_at"].offset == "+03:00"
    assert found.images[0].credit == "Gettyimages.ru © simon2579"
    assert found.quality.flags == ()


def test_an_article_comes_out_whole_and_without_the_furniture(whole_page):
    found = article(extract(whole_page, url=URL))

    paragraphs = found.text.split("\n\n")
    assert paragraphs[0].startswith("Nach jahrelangem Streit hat der Gemeinderat von Übersee")
    assert [paragraph[:20] for paragraph in paragraphs[1:]] == [
        "Die Entscheidung fie",
        "Gegner des Vorhabens",
        "Der Verein für Fluss",
        "Mit den Arbeiten wir",
    ]
    assert found.title == "Gemeinderat stimmt nach fünf Stunden für die neue Brücke über die Möhne"
    assert found.content_source is ContentSource.PAGE
    assert found.language == "de"
    assert found.section == "Lokales"
    assert found.source.name == "Übersee-Bote"
    assert found.source.domain == "bote.example"
    assert found.url == found.urls.canonical == "https://bote.example/lokales/4711-bruecke/"
    assert found.urls.final == URL
    assert found.quality.flags == ()


def test_what_is_dropped_from_the_text_is_kept_where_it_belongs(whole_page):
    found = article(extract(whole_page, url=URL))

    (image,) = found.images
    assert image.url == "https://bote.example/bilder/bruecke.jpg"
    assert image.credit == "Agenturbild.example © zweigwerk"
    assert (image.width, image.height) == (1040, 585)


def test_the_day_is_the_pages_own_instant_in_utc_with_its_offset_kept(whole_page):
    found = article(extract(whole_page, url=URL))

    assert found.published_at == datetime(2022, 5, 19, 22, 30, tzinfo=UTC)
    assert found.published_precision == "second"
    provenance = found.provenance["published_at"]
    assert (provenance.source, provenance.raw) == ("article:published_time", "2022-05-20T01:30:00+03:00")
    assert provenance.offset == "+03:00"


def test_every_field_that_matters_says_where_it_is_from(whole_page):
    entry = EntryHints(title="Brücke beschlossen", published_at=datetime(2022, 5, 19, 23, 0, tzinfo=UTC))

    found = article(extract(whole_page, url=URL, entry=entry))

    assert found.provenance["title"].source == "h1"
    assert "Brücke beschlossen" in [candidate.value for candidate in found.provenance["title"].candidates]
    assert found.provenance["text"].source == "trafilatura"
    assert "feed" in [candidate.source for candidate in found.provenance["published_at"].candidates]
    assert [(c.source, c.value) for c in found.provenance["language"].candidates] == [("html", "de")]


def test_the_third_parse_of_a_page_is_as_good_as_the_first(whole_page):
    first, *others = [extract(whole_page, url=URL) for _ in range(4)]

    assert article(first).word_count > 100
    assert all(other == first for other in others)


def test_markdown_keeps_headings_lists_quotes_and_tables(page):
    extra = (
        "<h2>Was noch fehlt</h2><ul><li>ein Gutachten über die Strömung</li><li>die Zusage des Landes</li></ul>"
        "<blockquote>Wir bauen keine Brücke ins Nichts.</blockquote>"
        "<table><tr><th>Jahr</th><th>Kosten</th></tr><tr><td>2026</td><td>1,5 Millionen</td></tr></table>"
        "<p>So steht es in der Vorlage, die der Redaktion vorliegt und die am Montag verteilt wurde.</p>"
    )
    found = article(extract(page(paragraphs=(*SENTENCES, f"</p>{extra}<p>{SENTENCES[0]}")), url=URL))

    assert "## Was noch fehlt" in (found.markdown or "")
    assert "- ein Gutachten über die Strömung" in (found.markdown or "")
    assert "> Wir bauen keine Brücke ins Nichts." in (found.markdown or "")
    assert "| 2026 | 1,5 Millionen |" in (found.markdown or "")
    assert "#" not in found.text
    assert "Was noch fehlt\n\nein Gutachten über die Strömung\ndie Zusage des Landes" in found.text


@pytest.mark.parametrize(
    ("body", "content_type", "reason", "detail"),
    [
        (b"", None, "empty_page", "no content"),
        (b" \r\n\t ", "text/html", "empty_page", "no content"),
        (b"%PDF-1.7\n...", "text/html", "not_html", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n....", None, "not_html", "a PNG image"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "text/html", "not_html", "an RSS feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "text/html", "not_html", "JSON"),
        (b"Just words, no tags at all.", "text/plain", "not_html", "plain text"),
        (b"\x00\x01\x02\x00\x00\x07\x00" * 50, None, "not_html", "binary data"),
        (b"<html><head><title>x</title></head><body></body></html>", None, "no_text", "no article text"),
        (SHELL.replace(b"<script", b"<script></script><script></script><script"), None, "no_text", "only to browsers"),
        (b"<html><body>" + b"<p>word</p>" * 21_000, None, "too_large", "elements"),
    ],
)
def test_what_is_no_article_is_rejected_with_a_reason_a_person_understands(body, content_type, reason, detail):
    headers = {"Content-Type": content_type} if content_type else None

    found = rejection(extract(body, url=URL, headers=headers))

    assert found.reason == reason
    assert detail in (found.detail or "")
    assert found.url == URL
    assert found.page.bytes == len(body)
    assert found.page.sha256 is not None


def test_a_body_of_more_than_the_cap_is_not_even_parsed():
    found = rejection(extract(b"<html>" + b" " * (25 * 1024 * 1024)))

    assert found.reason is RejectionReason.TOO_LARGE


def test_json_ld_gives_the_text_that_the_page_does_not_show():
    data = json.dumps({"@type": "NewsArticle", "headline": "The ferry", "articleBody": "\n".join(SENTENCES)})
    body = SHELL.replace(b"</head>", f'<script type="application/ld+json">{data}</script></head>'.encode())

    found = article(extract(body, url=URL))

    assert found.content_source is ContentSource.JSONLD
    assert found.text.split("\n\n") == list(SENTENCES)
    assert found.title == "The ferry"
    assert found.provenance["text"].source == "jsonld"


def test_json_ld_takes_the_place_of_a_page_text_that_swallowed_other_articles(page):
    own = SENTENCES[0] + " " + " ".join(f"It was word {number} that counted." for number in range(30))
    data = json.dumps({"@type": "NewsArticle", "headline": "The ferry", "articleBody": own})
    others = tuple(
        f"Elsewhere a {number}. council did something else entirely, and nobody knew why." * 3 for number in range(30)
    )

    found = article(
        extract(page(head=f'<script type="application/ld+json">{data}</script>', paragraphs=(own, *others)), url=URL)
    )

    assert found.content_source is ContentSource.JSONLD
    assert "Elsewhere" not in found.text


def test_the_page_is_believed_where_json_ld_only_differs_a_little(page):
    data = json.dumps({"@type": "NewsArticle", "articleBody": " ".join(SENTENCES[:6]) + " And so on and so forth."})

    found = article(
        extract(page(head=f'<script type="application/ld+json">{data}</script>', paragraphs=SENTENCES), url=URL)
    )

    assert found.content_source is ContentSource.PAGE
    assert [c.source for c in found.provenance["text"].candidates] == ["jsonld"]


def test_the_feeds_content_is_the_last_resort_for_the_text():
    entry = EntryHints(title="The ferry", content="".join(f"<p>{sentence}</p>" for sentence in SENTENCES))

    found = article(extract(SHELL, url=URL, entry=entry))

    assert found.content_source is ContentSource.FEED
    assert found.text.split("\n\n") == list(SENTENCES)
    assert found.title == "The ferry"


def test_a_mere_summary_is_better_than_nothing_and_flagged_as_cut():
    entry = EntryHints(title="The ferry", summary="<b>The ferry</b> is back, and it is bigger than it was.")

    found = article(extract(SHELL, url=URL, entry=entry))

    assert found.text == "The ferry is back, and it is bigger than it was."
    assert {"truncated", "too_short"} <= set(found.quality.flags)


def test_the_headline_is_not_repeated_in_the_text(page):
    found = article(extract(page(before="<p>Ein Satz vor allem anderen, der zum Artikel gehört.</p>"), url=URL))

    assert "Gemeinderat stimmt nach fünf Stunden" not in found.text


def test_the_feed_gives_what_the_page_is_silent_about(page):
    entry = EntryHints(
        title="Neue Brücke",
        authors=({"name": "Jördis Häßler"},),
        tags=("Verkehr",),
        published_at=datetime(2022, 5, 19, 22, 30, tzinfo=UTC),
        feed_title="Übersee-Bote",
        images=({"url": "https://bote.example/b.jpg"},),
    )

    found = article(extract(page(headline=None), url=URL, entry=entry))

    assert found.title == "Neue Brücke"
    assert [author.name for author in found.authors] == ["Jördis Häßler"]
    assert found.tags == ("Verkehr",)
    assert found.published_at == datetime(2022, 5, 19, 22, 30, tzinfo=UTC)
    assert found.source.name == "Übersee-Bote"
    assert found.images[0].url == "https://bote.example/b.jpg"


def test_nothing_is_guessed_where_nothing_is_said(page):
    found = article(extract(page(), url=URL))

    assert found.authors == ()
    assert found.published_at is None
    assert found.published_precision is None
    assert found.modified_at is None
    assert found.access.free is None
    assert found.access.ai_opt_out is None
    assert found.source.name is None
    assert found.source.country is None
    assert found.images == ()
    assert found.parsed_at is None


def test_what_the_publisher_says_about_access_is_kept(page):
    head = (
        '<meta name="robots" content="index, noai, noimageai"><link rel="license" '
        'href="https://creativecommons.org/licenses/by-sa/4.0/">'
        '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>'
    )
    found = article(extract(page(head=head), url=URL))

    assert found.access.free is False
    assert found.access.ai_opt_out is True
    assert found.access.ai_evidence == "meta robots: index, noai, noimageai"
    assert found.access.license == "CC BY-SA 4.0"
    assert "paywall" in found.quality.flags


@pytest.mark.parametrize(
    ("head", "headers", "opts_out", "evidence"),
    [
        ("", {"TDM-Reservation": "1"}, True, "tdm-reservation: 1"),
        ("", {"tdm-reservation": "0"}, False, "tdm-reservation: 0"),
        ("", {"tdm-reservation": "yes"}, None, None),
        (
            "",
            {"tdm-reservation": "1", "tdm-policy": "https://bote.example/tdm.json"},
            True,
            "tdm-reservation: 1; tdm-policy: https://bote.example/tdm.json",
        ),
        ("", {"X-Robots-Tag": "noindex, noimageai"}, True, "x-robots-tag: noindex, noimageai"),
        ("", {"X-Robots-Tag": "noindex"}, None, None),
        ('<meta name="tdm-reservation" content="0">', {"tdm-reservation": "1"}, False, "meta tdm-reservation: 0"),
        ('<meta name="googlebot" content="NOML">', {"tdm-reservation": "0"}, True, "meta googlebot: NOML"),
        # Words that only look like it.
        ('<meta name="robots" content="noair, index">', {}, None, None),
        ('<meta name="description" content="noai">', {}, None, None),
    ],
)
def test_an_objection_to_ai_is_kept_with_its_words(page, head, headers, opts_out, evidence):
    access = article(extract(page(head=head), headers=headers)).access

    assert (access.ai_opt_out, access.ai_evidence) == (opts_out, evidence)


def test_extraction_tells_its_version_and_takes_no_time_of_its_own(page):
    found = article(extract(page(), url=URL))

    assert found.extraction.extractor == "trafilatura"
    assert found.extraction.version.endswith(f"+wiredesk.{PARSER_VERSION}")
    assert found.extraction.ms is None


def test_records_survive_json(whole_page):
    found = article(extract(whole_page, url=URL))

    assert Article.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:8000/copy.html", "https://paper.example/a"])
def test_a_picture_that_the_tags_name_on_another_host_is_the_one_of_the_layout(url: str | None) -> None:
    words = "<p>The ferry was late on Tuesday, and nobody on the quay seemed to mind the wait in the sun.</p>" * 4
    found = extract(
        f"""<html><head><meta property="og:image" content="https://images.example/2026/ferry.jpg"></head><body>
        <h1>The ferry is late</h1><figure><img src="/2026/ferry.jpg" width="800" height="600">
        <figcaption>The ferry at noon. Photo: Ada Marsh</figcaption></figure>{words}</body></html>""".encode(),
        url=url,
    )
    assert isinstance(found, Article)
    (image,) = found.images
    assert image.url == "https://images.example/2026/ferry.jpg"
    assert "Ada Marsh" in (image.credit or "")
    assert (image.width, image.height) == (800, 600)
