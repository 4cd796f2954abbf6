"""No bytes make the parser raise, and none keep it busy for long."""

from __future__ import annotations

import gzip
import json
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.hostile import PAGE_SECONDS
from benchmarks.hostile_pages import PAGES
from benchmarks.hostile_pages import TEXT as TEXT_OF_SIX
from services.parser import extract
from services.parser.reading import MAX_ELEMENTS
from services.parser.text import calm
from shared.records import Article, Rejection
from tests.conftest import SAMPLES

SENTENCES = tuple(part.split("</p>")[0] for part in TEXT_OF_SIX.decode().split("<p>")[1:])
TEXT = b"<p>Some text of an article that is long enough to be one, and then a little more of it.</p>"
PARTS = (
    b"<html>",
    b"<head>",
    b"<body>",
    b"<p>",
    b"</p>",
    b"<div class='author'>",
    b"</div>",
    b"<h1>",
    b"</h1>",
    b"<a href='/x'>",
    b"<time datetime='2022-05-20T01:30:00+03:00'>",
    b"<time datetime='99999999999999'>",
    b"<b<",
    b"<img src=a.jpg>",
    b"<meta property='og:url' content='http://[::1'>",
    b"<link rel=canonical href='http://\xff\xfe/'>",
    b"<figure>",
    b"<meta name=author content='A, B; C & D'>",
    b"<base href='//'>",
    b"<table><tr><td>",
    b"<ul><li>",
    b"<svg><title>",
    b'<script type="application/ld+json">',
    b'{"@type":"NewsArticle","headline":',
    b'"\\ud800"',
    b'[{"@id":1,"@graph":[]}]',
    b'"datePublished":"2022-13-45"}',
    b"</script>",
    b"&#0;",
    b"&#xD800;",
    b"&#150;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x1b$B",
    b"<?xml version='1.0'?>",
    b"word ",
    b"Mehr zum Thema: ",
    b"2022-05-20 ",
    TEXT,
)


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_random_bytes_never_raise(body):
    assert isinstance(extract(body, url="https://bote.example/a/b"), Article | Rejection)


@given(st.lists(st.sampled_from(PARTS), max_size=60))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pages_put_together_at_random_never_raise(parts):
    assert isinstance(extract(b"".join(parts), url="https://bote.example/a/b"), Article | Rejection)


@given(st.integers(0, 2_500), st.binary(max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_page_with_a_hole_in_it_never_raises(whole_page, at, patch):
    assert isinstance(extract(whole_page[:at] + patch + whole_page[at + len(patch) * 3 :]), Article | Rejection)


def test_a_page_cut_anywhere_is_still_read(whole_page):
    found = extract(whole_page[: len(whole_page) * 3 // 4])

    assert isinstance(found, Article)
    assert "elf gegen acht Stimmen" in found.text


# Where each lands: what becomes of it, or the reason of its rejection. ``python -m benchmarks.hostile --only page``
# measures time and memory of these and a hundred more.
WORST = {
    "empty": "empty_page",
    "50 MB": "too_large",
    "24 MB": "too_large",
    "one text of 10 MB": "too_large",
    "2 MB of article": "article",
    "bytes at random, 5 MB": "not_html",
    "bytes at random within HTML, 5 MB": None,
    "NULs, 5 MB": "article",
    "every 50th byte another": None,
    "encoded twice": "article",
    "said to be UTF-16, is not": "article",
    "said to be punycode": "article",
    "UTF-16 that nobody mentions": "article",
    "100,000 deep": "article",
    "200 KB 240 deep": "article",
    "2 MB 240 deep": "too_large",
    "2,000 quotes deep": "article",
    "1,000 tables deep": "article",
    "100,000 lists deep": "article",
    "100,000 articles deep": "article",
    "100,000 open b": "article",
    "10,000 open font and p": "article",
    "100,000 attributes": "article",
    "100,000 attributes on html": "article",
    "1,000 elements of 1,000 attributes": "article",
    "an attribute of 1 MB": "article",
    "an attribute of 20 MB": "article",
    "100,000 links in a list": "too_large",
    "8,000 links in a paragraph": "article",
    "1,000,000 empty elements": "too_large",
    "1,000,000 unknown elements": None,
    "500,000 br": "too_large",
    "19,000 cells": "article",
    "100,000 JSON-LD scripts": "article",
    "JSON-LD 20,000 deep": "article",
    "JSON-LD of 50,000 authors": "article",
    "JSON-LD with escaped tags, 5 MB": "article",
    "a number of 100,000 digits in JSON-LD": "article",
    "200,000 meta tags": "too_large",
    "19,000 dates in text": "article",
    "19,000 bylines": "article",
    "6,000 figures": "article",
    "a million references": "article",
    "a million broken references": "article",
    "escaped tags, 1 MB": "article",
    "declared entities": "article",
    "100,000 open comments": "article",
    "comments, 10 MB unclosed": "article",
    "a million <": "article",
    "a million tags cut short": "article",
    "script that never ends, 5 MB": "article",
    "a frameset": "no_text",
    "AMP": "article",
    "XML": "not_html",
    "XHTML": "article",
    "a PDF": "not_html",
    "combining marks, 1 MB": "article",
    "Chinese without a full stop, 1 MB": "article",
    "a headline of 2 MB": "article",
}
# How much slower than alone a process may be here, where tests run beside it.
PATIENCE = 3.0


@pytest.mark.parametrize("name", WORST)
def test_bombs_are_defused(name):
    body = PAGES[name]()
    began = time.process_time()

    found = extract(body, url="https://bote.example/a/b")

    took = time.process_time() - began
    said = "article" if isinstance(found, Article) else str(found.reason)
    assert said == (WORST[name] or said)
    assert isinstance(found, Article) or found.detail
    assert took < PAGE_SECONDS * PATIENCE


@pytest.mark.parametrize("depth", [240, 300, 1_000, 2_040, 2_100, 10_000])
@pytest.mark.parametrize("names", [("div",), ("span",), ("section", "div"), ("ul", "li"), ("table", "tr", "td")])
def test_a_page_nested_deeper_than_any_parser_goes_keeps_its_words(depth, names):
    opened = "".join(f"<{name}>" for name in names).encode()
    closed = "".join(f"</{name}>" for name in reversed(names)).encode()

    found = extract(b"<html><body><h1>The ferry</h1>" + opened * depth + TEXT_OF_SIX + closed * depth)

    assert isinstance(found, Article)
    for sentence in SENTENCES:
        assert sentence in found.text


@pytest.mark.parametrize("tag", [b"<div>", b"<font>", b"<div><b>"])
def test_tags_that_nobody_closes_cost_no_paragraph(tag):
    count = 3_000
    body = b"".join(tag + b"<p>This is the comment of reader number %d, who liked it.</p>" % n for n in range(count))

    found = extract(b"<html><body><h1>The ferry</h1>" + body)

    assert isinstance(found, Article)
    assert found.text.count("the comment of reader number") == count


def test_deep_pages_keep_their_paragraphs_apart():
    body = b"<div>" * 3_000 + b"".join(b"<div>%s</div>" % sentence.encode() for sentence in SENTENCES)

    found = extract(b"<html><body>" + body)

    assert isinstance(found, Article)
    assert [line for line in found.text.split("\n") if line] == list(SENTENCES)


def test_a_letter_keeps_the_marks_that_languages_put_on_it_and_no_hundred_thousand():
    few, many = "Vie\u0323\u0302t", "e" + "\u0301\u0323" * 50_000

    found = extract(f"<html><body><p>{few} {many}</p>{TEXT_OF_SIX.decode()}".encode())

    assert isinstance(found, Article)
    assert few in found.text
    assert found.text.count("\u0301") < 40
    assert calm("Việt и \u0e01\u0e49" * 30) == "Việt и \u0e01\u0e49" * 30


def test_the_first_of_too_many_elements_still_name_the_page():
    many = b"<i></i>" * (MAX_ELEMENTS + 1)
    head = b"<title>The ferry is back</title><meta property='og:site_name' content='Bote'>"
    data = b'{"@type":"NewsArticle","articleBody":"' + b"The ferry is back and everybody is glad of it. " * 8 + b'"}'

    found = extract(
        b"<html><head>" + head + b'<script type="application/ld+json">' + data + b"</script><body>" + TEXT + many
    )

    assert isinstance(found, Article)
    assert found.title == "The ferry is back"
    assert found.source.name == "Bote"


def test_control_characters_and_impossible_references_do_not_cost_the_page(page):
    body = page().replace(b"Die Entscheidung", b"\x00Die\x01 Ent\x0bscheidung&#0;&#xD800;&#x110000;")

    found = extract(body)

    assert isinstance(found, Article)
    assert "Entscheidung" in found.text
    assert found.text.isprintable() or "\n" in found.text
    found.text.encode("utf-8")


def test_one_element_more_than_the_limit_is_too_many_and_json_ld_still_helps():
    many = b"<i></i>" * (MAX_ELEMENTS + 1)
    data = b'{"@type":"NewsArticle","articleBody":"' + b"The ferry is back and everybody is glad of it. " * 8 + b'"}'
    script = b'<script type="application/ld+json">' + data + b"</script>"

    assert isinstance(extract(b"<html><body>" + TEXT + many), Rejection)
    rescued = extract(b"<html><head>" + script + b"</head><body>" + TEXT + many)
    assert isinstance(rescued, Article)
    assert rescued.content_source == "jsonld"


def sample_pages(count):
    """As many real pages, the same in every run and of every set."""
    sets = sorted(folder for folder in (SAMPLES / "pages").iterdir() if folder.is_dir())
    for folder in sets:
        rows = (folder / "gold.jsonl").read_text("utf-8").splitlines()
        share = count // len(sets)
        for number in range(share):
            row = json.loads(rows[number * len(rows) // share])
            yield gzip.decompress((folder / row["file"]).read_bytes()), row.get("url")


@pytest.mark.skipif(not (SAMPLES / "pages").is_dir(), reason="the labelled pages are not beside the project")
def test_real_pages_cut_short_and_with_bytes_at_random_never_raise():
    chance = random.Random(4)
    for body, url in sample_pages(30):
        damaged = bytearray(body[: chance.randrange(len(body))])
        for _ in range(len(damaged) // 200):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        for bad in (body[: chance.randrange(len(body))], bytes(damaged), body.decode("latin-1").encode()):
            began = time.process_time()
            found = extract(bad, url=url)
            assert isinstance(found, Article) or (found.reason and found.detail)
            assert time.process_time() - began < PAGE_SECONDS * PATIENCE
