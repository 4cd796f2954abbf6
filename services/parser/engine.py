"""trafilatura, driven stage by stage, beside two other readers of the same tree: the candidates for an article's body.

Its own sequence (``trafilatura.core.trafilatura_sequence`` of 2.3) spends more than half of its time on second opinions
that nine pages in ten do not need, and on measuring the page for them. Here its stages run apart, and
:mod:`services.parser.candidates` decides which are needed. A test holds the stages put together against the sequence.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree
from trafilatura.htmlprocessing import convert_tags, prune_unwanted_nodes, tree_cleaning
from trafilatura.settings import Extractor
from trafilatura.xml import delete_element

from services.parser.blocks import lines_of
from services.parser.body import ENGINE_ERRORS, Line
from services.parser.stages import (
    RAW_TREE_PRUNE_XPATH,
    REMOVE_COMMENTS_AND_LISTS_XPATH,
    REMOVE_COMMENTS_XPATH,
    baseline,
    compare_extraction,
    extract_content,
    html2txt,
    justext_rescue,
    try_readability,
)

CONFIG = "comments=no tables=yes links=no"
"""What trafilatura is asked for, as the record tells it."""

MAX_TEXT = 3_000_000
"""Characters of text beyond which no page is read here."""

# Their dates, which would freeze with them, are not used: dates are found elsewhere. Its deduplication stays off: it
# remembers texts for the whole process, and the third parse of a page comes out empty.
_BALANCED = Extractor(output_format="txt", comments=False)
_PRECISE = Extractor(output_format="txt", comments=False, precision=True)
_RECALL = Extractor(output_format="txt", comments=False, recall=True)
# trafilatura.core: a text shorter than the first that is less than the second of its page is looked for again, and what
# is found then must be longer by the third, or the fourth where jusText found it.
_ESCALATION_LENGTH = 3000
_ESCALATION_SHARE = 0.2
_ESCALATION_GAIN = 1.5
_ESCALATION_JUSTEXT_GAIN = 2.0
_CLASSES = etree.XPath("//@class", smart_strings=False)
_IDS = etree.XPath("//@id", smart_strings=False)
# What the two expressions below look for, in names one to a line: they take a millisecond and a half each to find
# nothing, which is what they find on most pages.
_FOLLOW_UPS = re.compile(r"mvp-post-add-(?:box|wrap)|infinite-?scroll|elementor-share-buttons")
_COMMENTS = re.compile(
    r"^(?:[Cc]omment(?!ary)|comol|disqus_thread|dsq-comments)|(?:article|post)-comments", re.MULTILINE
)
_COMMENT_WORDS = ("omment", "comol", "disqus_thread")
# Those whose names only begin otherwise: "xenforo-comments-list", "widget_recent_comments", "kommentare".
_NAMED = r"comments?[-_]?(?:list|container|section|area|wrapper|thread)|(?:recent|user|reader)[-_]comments?"
_NAMED_WHOLLY = r"kommentare?(?:[-_]?(?:liste|bereich))?"
# Looked for without what may stand before it, which would be quadratic in a name of thousands of letters.
_MORE_COMMENTS = re.compile(rf"{_NAMED}|{_NAMED_WHOLLY}")
_COMMENT_NAME = re.compile(rf"[\w-]*(?:{_NAMED})|{_NAMED_WHOLLY}", re.IGNORECASE)
_STORY = 300
"""Characters in paragraphs without which a page has no story outside of what is named for comments."""
_COMMENT_HOLDERS = ("div", "section", "aside", "ul", "ol", "details")


@dataclass(frozen=True)
class Found:
    """What a stage found: trafilatura's tree of it, and its plain text."""

    body: etree._Element
    text: str

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines."""
        return lines_of(self.body)


NOTHING = Found(etree.Element("body"), "")


def without_comments(tree: HtmlElement) -> HtmlElement:
    """``tree`` without readers' comments and without articles that follow the first: a copy, where it has any."""
    names = "\n".join({*_CLASSES(tree), *_IDS(tree)})
    follow_ups = _FOLLOW_UPS.search(names)
    comments = any(word in names for word in _COMMENT_WORDS) and _COMMENTS.search(names)
    more = "omment" in (small := names.lower()) and _MORE_COMMENTS.search(small)
    if not (follow_ups or comments or more) and tree.getparent() is None:
        return tree
    bare = copy(tree)
    if follow_ups:
        prune_unwanted_nodes(bare, RAW_TREE_PRUNE_XPATH)
    if comments:
        _drop_comments(bare)
    if more:
        _drop_more_comments(bare)
    return bare


def main_stage(bare: HtmlElement) -> Found:
    """The main stage of trafilatura alone."""
    try:
        return _main(bare, _BALANCED)
    except ENGINE_ERRORS:
        return NOTHING


def whole(bare: HtmlElement, main: Found) -> Found:
    """What trafilatura's whole sequence finds, of which ``main`` is the first part."""
    try:
        return _escalated(bare, _rescued(bare, _compared(bare, main, _BALANCED)))
    except ENGINE_ERRORS:
        return main


def precise(bare: HtmlElement, *, enough: int = MAX_TEXT) -> Found:
    """What trafilatura finds in the mode that rather leaves out than takes too much.

    ``enough``: characters from which on nothing longer is looked for; by default the whole sequence always runs.
    """
    try:
        found = _main(bare, _PRECISE)
        if len(found.text) >= max(enough, _PRECISE.min_extracted_size) and found.body.find(".//p") is not None:
            return found
        return _compared(bare, found, _PRECISE)
    except ENGINE_ERRORS:
        return NOTHING


def readability(bare: HtmlElement) -> tuple[Line, ...]:
    """The lines of the readability algorithm (Arc90's, in trafilatura's edition)."""
    try:
        return lines_of(try_readability(copy(bare)))
    except ENGINE_ERRORS:
        return ()


def second_opinion(bare: HtmlElement) -> str:
    """The main text by resiliparse's rules: much rougher than trafilatura, independent of it, and cheap."""
    try:
        parsed = HTMLTree.parse(etree.tostring(bare, encoding="unicode", method="html"))
        return extract_plain_text(parsed, main_content=True, preserve_formatting=False, comments=False) or ""
    except ENGINE_ERRORS:
        return ""


def _drop_comments(bare: HtmlElement) -> None:
    """Take out what trafilatura takes for comments, unless it is the story: WordPress says of an open one that it is
    ``class="comments-open"``.
    """
    named = [element for expression in REMOVE_COMMENTS_AND_LISTS_XPATH for element in expression(bare)]
    gone = [element for element in named if element.find(".//h1") is None]
    paragraphs = {paragraph for element in gone for paragraph in element.iter("p")}
    others = sum(len(paragraph.text_content()) for paragraph in bare.iter("p") if paragraph not in paragraphs)
    if others < _STORY <= sum(len(paragraph.text_content()) for paragraph in paragraphs):
        return
    for element in gone:
        delete_element(element)


def _drop_more_comments(bare: HtmlElement) -> None:
    """Take out what else is named for comments, unless it is most of the page: then it is what the page is for."""
    most = len(bare.text_content()) // 2
    for element in [*bare.iter(*_COMMENT_HOLDERS)]:
        names = f"{element.get('class') or ''} {element.get('id') or ''}".split()
        named = any(map(_COMMENT_NAME.fullmatch, names)) and element.getparent() is not None
        if named and len(element.text_content()) < most and element.find(".//h1") is None:
            element.drop_tree()


def _main(bare: HtmlElement, options: Extractor) -> Found:
    converted = convert_tags(tree_cleaning(copy(bare), options), options)
    if options.focus == "precision":
        converted = prune_unwanted_nodes(converted, REMOVE_COMMENTS_XPATH)
    return Found(*extract_content(converted, options))


def _compared(bare: HtmlElement, found: Found, options: Extractor) -> Found:
    """What is left of ``found`` when readability and, where it is short or unclean, jusText have had their say."""
    cleaned = tree_cleaning(copy(bare), options)
    return Found(*compare_extraction(cleaned, copy(bare), found.body, found.text, options))


def _rescued(bare: HtmlElement, found: Found) -> Found:
    if len(found.text) >= _BALANCED.min_extracted_size:
        return found
    body, text, length = baseline(bare)
    return Found(body, text) if length > len(found.text) else found


def _escalated(bare: HtmlElement, found: Found) -> Found:
    length = len(found.text)
    if not 0 < length < _ESCALATION_LENGTH or length >= _ESCALATION_SHARE * len(html2txt(bare)):
        return found
    again = _compared(bare, _main(bare, _RECALL), _RECALL)
    if len(again.text) >= max(_RECALL.min_extracted_size, _ESCALATION_GAIN * length + 1):
        # trafilatura asks jusText even so: 30 ms, for another text on none of 900 pages.
        return again
    rescued = Found(*justext_rescue(copy(bare), _BALANCED))
    return rescued if len(rescued.text) > max(len(again.text), _ESCALATION_JUSTEXT_GAIN * length) else found
