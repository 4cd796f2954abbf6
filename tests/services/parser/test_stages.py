"""Our instances of trafilatura's modules find what trafilatura finds, and leave trafilatura as it was."""

from __future__ import annotations

from copy import copy

from lxml import etree, html
from trafilatura import external, main_extractor, xpaths
from trafilatura.settings import Extractor

from services.parser import stages

SENTENCE = "The crane at the old harbour moved on day {}, and that was what nobody in the town had expected of it. "
PAGE = "<html><body><nav class='menu'><a href='/a'>Home</a></nav>{}<footer>© 2026</footer></body></html>"
TREE = html.document_fromstring(
    PAGE.format(
        "".join(f"<div>{SENTENCE.format(day) * 3}<br><br><a href='/{day}'>More {day}</a></div>" for day in range(12))
    )
)
OPTIONS = Extractor(output_format="txt", comments=False)


def test_justext_finds_the_same_paragraphs() -> None:
    right, words = external.justext_rescue(copy(TREE), OPTIONS)
    found, same = stages.justext_rescue(copy(TREE), OPTIONS)
    assert len(words) > 1_000
    assert (etree.tostring(found), same) == (etree.tostring(right), words)


def test_trafilatura_itself_stays_as_it_was() -> None:
    assert vars(main_extractor)["BODY_XPATH"] is xpaths.BODY_XPATH
    assert all(isinstance(one, etree.XPath) for one in xpaths.OVERALL_DISCARD_XPATH)
    assert stages.extract_content is not main_extractor.extract_content
