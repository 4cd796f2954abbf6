"""No bytes make the parser raise, and none keep it busy for long."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.parser import extract
from services.parser.reading import MAX_ELEMENTS
from shared.records import Article, Rejection

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


@pytest.mark.parametrize(
    "inner",
    [
        b"<div>" * 10_000 + TEXT + b"</div>" * 10_000,
        b"<b>x " * 1_500,
        b"<blockquote>" * 1_900 + TEXT,
        b"<p " + b" ".join(b'a%d="v"' % number for number in range(60_000)) + b">words here</p>" + TEXT,
        b"<p class='" + b"author " * 300_000 + b"'>words here</p>" + TEXT,
        b"<p>" + b"".join(b'<a href="/%d">link %d</a> and ' % (number, number) for number in range(8_000)) + b"</p>",
        b"<ul>" + b"".join(b'<li><a href="/%d">A headline, number %d</a>' % (n, n) for n in range(100_000)) + b"</ul>",
        b'<script type="application/ld+json">' + b'{"@graph":[' * 20_000 + b"</script>" + TEXT,
        b'<script type="application/ld+json">{"@type":"NewsArticle","author":['
        + b'"A B",' * 50_000
        + b'"C D"]}</script>'
        + TEXT,
        b"<!--" * 100_000 + TEXT,
        b"&lt;p&gt;" * 100_000 + TEXT,
        b"<h1>" + b"word " * 400_000 + b"</h1>" + TEXT,
    ],
    ids=[
        "deep",
        "bold",
        "quotes",
        "attributes",
        "long attribute",
        "crowd",
        "links",
        "nested json",
        "wide json",
        "comments",
        "entities",
        "headline",
    ],
)
def test_bombs_are_defused(inner):
    began = time.process_time()

    found = extract(
        b"<html><body><article>" + TEXT + inner + b"</article></body></html>", url="https://bote.example/a/b"
    )

    assert isinstance(found, Article | Rejection)
    # trafilatura alone takes from ten seconds to minutes over these.
    assert time.process_time() - began < 8


def test_a_page_nested_deeper_than_any_parser_goes_keeps_its_words():
    body = b"<html><body>" + b"<div>" * 10_000 + TEXT * 4 + b"</div>" * 10_000 + b"</body></html>"

    found = extract(body)

    assert isinstance(found, Article)
    assert "long enough to be one" in found.text


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
