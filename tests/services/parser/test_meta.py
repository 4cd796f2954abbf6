"""Meta tags and links of a page's head."""

from __future__ import annotations

import json

import pytest
from lxml.html import document_fromstring

from services.parser import meta
from services.parser.meta import MetaTags


def read(head: str) -> MetaTags:
    return meta.read(document_fromstring(f"<html><head>{head}</head><body></body></html>"))


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ('<meta property="og:title" content="A bridge">', "og:title"),
        ('<meta name="OG:Title" content="A bridge">', "og:title"),
        ('<META PROPERTY="ARTICLE:Section" CONTENT="A bridge">', "article:section"),
        ('<meta name="DC.title" content="A bridge">', "dc.title"),
        ('<meta name="DC:Title" content="A bridge">', "dc.title"),
        ('<meta name="dcterms_subject" content="A bridge">', "dcterms.subject"),
        ('<meta name="DCSext.x" content="A bridge">', "dcsext.x"),
        ('<meta itemprop="headline" content="A bridge">', "headline"),
        ('<meta http-equiv="Content-Language" content="A bridge">', "content-language"),
        ('<meta name="citation_title" content="  A\n bridge ">', "citation_title"),
        ('<meta property="og:title twitter:title" content="A bridge">', "twitter:title"),
        ('<meta name="x" property="og:title" content="A &amp;amp; bridge">', "og:title"),
        ('<meta name="sailthru.title" value="A bridge">', "sailthru.title"),
    ],
)
def test_a_name_is_read_however_it_is_written(tag, name):
    assert (read(tag).value(name) or "").replace("& ", "") == "A bridge"


@pytest.mark.parametrize("value", ["", "   ", "null", "undefined", "[object Object]"])
def test_an_empty_value_is_as_if_it_were_not_there(value):
    assert read(f'<meta name="author" content="{value}">').values == {}


def test_parsely_s_one_tag_gives_all_its_fields():
    page = {
        "title": "A bridge",
        "pub_date": "2022-05-20T10:00:00Z",
        "authors": ["Ann Lee", "Bo Yang"],
        "tags": ["ferry", "quay"],
        "metadata": {"x": 1},
    }

    tags = read(f"<meta name='parsely-page' content='{json.dumps(page)}'>")

    assert tags.value("parsely-title") == "A bridge"
    assert tags.value("parsely-pub-date") == "2022-05-20T10:00:00Z"
    assert tags.all("parsely-author") == ("Ann Lee", "Bo Yang")
    assert tags.all("parsely-tags") == ("ferry", "quay")


@pytest.mark.parametrize("page", ["{", "[1]", "null", '{"title": {"a": 1}}', "[" * 5_000])
def test_a_broken_parsely_tag_gives_none(page):
    assert "parsely-title" not in read(f"<meta name='parsely-page' content='{page}'>").values


def test_links_base_and_title_are_read_beside():
    tags = read(
        '<base href="/b/"><title>A bridge</title><link rel="alternate canonical" href="/a">'
        '<link rel="license" href="/l"><link rel="canonical" href="/second"><link rel="canonical" href="">'
    )

    assert (tags.base, tags.title, tags.canonical, tags.license) == ("/b/", "A bridge", "/a", "/l")


def test_values_and_tags_without_end_are_bounded():
    tags = read("".join(f'<meta name="keywords" content="{number}">' for number in range(5_000)))

    assert len(tags.values["keywords"]) == meta.MAX_VALUES
