"""JSON as templates leave it when nobody looks."""

from __future__ import annotations

import time

import pytest

from services.parser.linked.scripts import load

WANTED = {"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a"}


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a"}',
        '{"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a",}',
        '{"@type": "NewsArticle",, "headline": "A bridge", "url": "https://bote.example/a"}',
        '{"@type": "NewsArticle", "headline": "A bridge"\n "url": "https://bote.example/a"}',
        "{'@type': 'NewsArticle', 'headline': 'A bridge', 'url': 'https://bote.example/a'}",
        '{@type: "NewsArticle", headline: "A bridge", url: "https://bote.example/a"}',
        '{"@type": "NewsArticle", // no count\n "headline": "A bridge", /* "x": 1, */ "url": "https://bote.example/a"}',
        '{"@type": "NewsArticle", //"count": "", // later\n "headline": "A bridge", "url": "https://bote.example/a"}',
        '<!-- {"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a",}\n//]]>',
        '<![CDATA[{"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a"}]]>',
        '/*<![CDATA[*/{"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a"}/*]]>*/',
        '{"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a"}'.replace('"', "&quot;"),
        'var data = {"@type": "NewsArticle", "headline": "A bridge", "url": "https://bote.example/a"};',
        '"{\\"@type\\": \\"NewsArticle\\", \\"headline\\": \\"A bridge\\", \\"url\\": \\"https://bote.example/a\\"}"',
    ],
)
def test_faults_that_lose_nothing(script):
    assert load(script) == [WANTED]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"He calls it "useless""', 'He calls it "useless"'),
        ('"The "bridge", he says, is "late""', 'The "bridge", he says, is "late"'),
        ('"A <img width="300" src="a.jpg"> bridge"', 'A <img width="300" src="a.jpg"> bridge'),
        ('"one\ntwo\tthree"', "one\ntwo\tthree"),
        ('"a\\\'b \\x c"', "a'b \\x c"),
        ('"caf\\u00e9 \\"open\\""', 'café "open"'),
        ('"a // no comment"', "a // no comment"),
        ("'It\\'s late'", "It's late"),
        ("undefined", None),
        ("NaN_", None),
        ("None", None),
        ("True", True),
        ("12.5", 12.5),
        ("getTitle()", None),
    ],
)
def test_values_are_read_as_they_were_meant(written, meant):
    broken = '{"@type": "NewsArticle", "x": %s, "headline": "A bridge",,}'

    (found,) = load(broken % written)

    assert found["headline"] == "A bridge"
    assert found["x"] == meant


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('{"@type": "NewsArticle", "headline": "A bridge", "author": {"name": "bro', {"author": {}}),
        ('{"@type": "NewsArticle", "headline": "A bridge", "wordCount": 12', {}),
        ('{"@type": "NewsArticle", "headline": "A bridge", "keywords": ["ferry", "bri', {"keywords": ["ferry"]}),
        ('{"@type": "NewsArticle", "headline": "A bridge", "url"', {}),
    ],
)
def test_of_a_script_that_is_cut_what_is_whole_is_kept(script, found):
    expected = {"@type": "NewsArticle", "headline": "A bridge"} | {key: value for key, value in found.items() if value}

    assert load(script) == [expected]


def test_values_one_after_another_are_all_read_even_if_one_is_broken():
    assert load('{"a": 1} {"b": 2,} , {"c": 3}') == [{"a": 1}, {"b": 2}, {"c": 3}]


@pytest.mark.parametrize(
    "script",
    [
        "[" * 400_000,
        '{"a":' * 200_000,
        '{"a": "' + '",//\n' * 120_000,
        '{"a": "' + '" ' * 250_000,
        '{"a": "' + '"' + " " * 400_000 + "x",
        "{" + "/* " * 150_000,
        "{'a" + '\\"' * 200_000,
        '{"a": 1,}' * 60_000,
    ],
)
def test_a_hostile_script_is_given_up_in_reasonable_time(script):
    began = time.process_time()

    load(script)

    assert time.process_time() - began < 4
