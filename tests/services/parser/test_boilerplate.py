"""The language files: every example of every language, and what happens to files that cannot be read."""

from __future__ import annotations

import re

import pytest

from services.parser.body import Kind, Line
from services.parser.boilerplate import RULEBOOK, Manner, Rulebook, plain
from services.parser.boilerplate.files import Table
from services.parser.boilerplate.phrase import PhraseError, read
from services.parser.cleanup import Surroundings, clean
from shared.errors import ConfigurationError

PROSE = tuple(f"Sentence {number} of the article is as long as sentences are in a paper." for number in range(12))
LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hi", "hu", "it", "ja", "ko", "nl", "no", "pl", "pt",
    "ro", "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
EVERYWHERE = {"related", "advertising", "sharing", "comments", "credit", "newsletter", "box"}


def table_name(table: Table) -> str:
    return f"{table.language}-{table.rule.name}"


def dropped(*texts: str) -> list[tuple[str, str]]:
    lines = tuple(Line(markdown=text, text=text, kind=Kind.PARAGRAPH, block=at) for at, text in enumerate(texts))
    return [(one.line.text, one.rule) for one in clean(lines, Surroundings()).dropped]


def name_in_record(table: Table) -> str:
    return "credit" if table.rule.manner is Manner.TAIL else table.rule.name


def at_the_end(line: str) -> tuple[str, ...]:
    return (*PROSE, line)


def in_the_middle(line: str) -> tuple[str, ...]:
    return (*PROSE[:6], line, *PROSE[6:])


@pytest.mark.parametrize("table", RULEBOOK.tables, ids=table_name)
def test_what_a_rule_must_catch_it_catches(table):
    belongs_last = table.rule.ending or table.rule.manner is Manner.HEADING
    place = at_the_end if belongs_last else in_the_middle

    caught = {line: dropped(*place(line)) for line in table.catch}

    assert caught == {line: [(line, name_in_record(table))] for line in table.catch}


@pytest.mark.parametrize("table", RULEBOOK.tables, ids=table_name)
def test_what_a_rule_must_spare_no_rule_takes(table):
    taken = [one for line in table.spare for place in (in_the_middle, at_the_end) for one in dropped(*place(line))]

    assert taken == []


@pytest.mark.parametrize("table", RULEBOOK.tables, ids=table_name)
def test_every_rule_has_examples_of_both_kinds(table):
    assert table.phrases
    assert table.catch
    assert table.spare


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_common_rules_speak_every_language(language):
    assert {table.rule.name for table in RULEBOOK.tables if table.language == language} >= EVERYWHERE


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("read (more|also)", "Read also"),
        ("read more[ on ...]", "read more"),
        ("read more[ on ...]", "Read more on the ferry"),
        ("[please ]read on", "read on"),
        ("[please] read on", "read on"),
        ("read [much] more", "read more"),
        ("sign up ... newsletter*", "sign up, please, for our newsletters"),
        ("sign up ... here", "sign up here"),
        ("# comment*", "12 comments"),
        ("{share|tweet}", "Share | Tweet | Share"),
        (r"comments \(#\)", "Comments (1,204)"),
        ("it's here", "It’s here"),
        ("en savoir plus", "En savoir\xa0plus"),
    ],
)
def test_a_phrase_is_what_it_says(source, said):
    assert re.fullmatch(read(source).pattern, plain(said))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("read (more|also)", "read"),
        ("sign up ... newsletter", "sign up newsletters"),
        ("sign up ... newsletter", f"sign up {'now ' * 30}newsletter"),
        ("{share|tweet}", "share tweet no"),
        ("a.b", "axb"),
    ],
)
def test_a_phrase_is_nothing_else(source, said):
    assert not re.fullmatch(read(source).pattern, said)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("read (more", "lacks a )"),
        ("read more)", "has a ) that nothing opens"),
        ("read [more)", "lacks a ]"),
        ("read (more|)", "has brackets with an empty place"),
        ("read|more", "has a | outside of brackets"),
        ("[read]", "can be nothing at all"),
        ("", "can be nothing at all"),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why(source, why):
    with pytest.raises(PhraseError, match=re.escape(why)):
        read(source)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[related", "xx.toml: is no TOML: "),
        ('[relatd]\nphrases = []\ncatch = ["a"]\nspare = ["b"]', "xx.toml: [relatd] is no rule; there are "),
        ('[related]\nphrases = ["also"]', "xx.toml: [related] needs phrases, catch and spare, and nothing else"),
        ('[related]\nphrases = [1]\ncatch = ["a"]\nspare = ["b"]', "xx.toml: [related] phrases is no list of texts"),
        (
            '[related]\nphrases = ["see (also"]\ncatch = ["a"]\nspare = ["b"]',
            "xx.toml: [related] phrase 'see (also' lacks a )",
        ),
        (
            '[related]\nphrases = ["... also"]\ncatch = ["a"]\nspare = ["b"]',
            "xx.toml: [related] phrase '... also' begins with anything",
        ),
        (
            '[newsletter]\nphrases = ["# ... #"]\ncatch = ["a"]\nspare = ["b"]',
            "xx.toml: [newsletter] phrase '# ... #' has no word that it cannot do without",
        ),
    ],
)
def test_a_broken_file_is_told_in_one_line(tmp_path, content, message):
    (tmp_path / "xx.toml").write_text(content, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=re.escape(message)) as caught:
        Rulebook(tmp_path)

    assert "\n" not in str(caught.value)


def test_a_file_more_is_a_language_more(tmp_path):
    (tmp_path / "eo.toml").write_text(
        '[related]\nphrases = ["legu (ankaŭ|pli)"]\ncatch = ["Legu ankaŭ: La ponto"]\nspare = ["Legu."]',
        encoding="utf-8",
    )

    (group,) = Rulebook(tmp_path).opened_by("legu ankaŭ: la ponto")

    assert group.rule.name == "related"
    assert group.matches("legu ankaŭ: la ponto")
    assert not group.matches("legu librojn")
