"""How values read on a page."""

from __future__ import annotations

from typing import Any

import pytest

from services.api import prose
from services.api.prose import Block


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JavaScript:alert(1)", " javascript:x", "data:text/html,x", "//evil.example", "/x", "",
     None, "http:///x", "https://[::1", "file:///etc/passwd", "java\nscript:x"],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert prose.link(url) is None


def test_a_web_address_is_left_as_it_is() -> None:
    assert prose.link("HTTPS://a.example/ä?b=c&d") == "HTTPS://a.example/ä?b=c&d"


def test_text_becomes_paragraphs_and_lists() -> None:
    text = "First.\n\n  Second.  \n- one\n- two\n* three\nThird - with a dash\n-5 degrees"
    assert prose.blocks(text) == [
        Block("paragraph", ("First.",)),
        Block("paragraph", ("Second.",)),
        Block("list", ("one", "two", "three")),
        Block("paragraph", ("Third - with a dash",)),
        Block("paragraph", ("-5 degrees",)),
    ]


def about(**fields: Any) -> dict[str, Any]:
    return {"summary": None, "text": "", **fields}


def test_the_lead_is_the_summary_or_how_the_text_begins() -> None:
    assert prose.lead(about(summary="In short.", text="Long.")) == "In short."
    assert prose.lead(about(text="One.\nTwo.")) == "One. Two."
    assert prose.lead(about()) == ""


def test_a_long_lead_ends_between_words() -> None:
    lead = prose.lead(about(summary="word, " * 200))
    assert lead.endswith("word…")
    assert len(lead) <= prose.LEAD_LENGTH + 1


def test_a_long_lead_without_spaces_is_cut_all_the_same() -> None:
    assert len(prose.lead(about(summary="灯" * 1000))) == prose.LEAD_LENGTH + 1


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("de", "ltr"), (None, "auto")])
def test_text_runs_as_its_language_does(language: str | None, direction: str) -> None:
    assert prose.direction(language) == direction


def test_times_are_read_by_people() -> None:
    assert prose.moment("2026-03-01T08:05:09.123456Z") == "1 Mar 2026, 08:05 UTC"
    assert prose.day("2026-03-01T00:00:00Z") == "1 Mar 2026"


def test_a_message_becomes_a_sentence() -> None:
    assert prose.sentence("no article X") == "No article X."
    assert prose.sentence("Done.") == "Done."


def test_code_in_a_docstring_stands_out() -> None:
    assert prose.spans("Pass ``after`` or `limit`.") == [
        ("Pass ", False),
        ("after", True),
        (" or ", False),
        ("limit", True),
        (".", False),
    ]


def test_a_language_is_called_by_its_own_name_or_its_code() -> None:
    assert [prose.language_name("de"), prose.language_name("xx")] == ["Deutsch", "XX"]
