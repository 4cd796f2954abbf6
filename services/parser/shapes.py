"""Shapes of a page that trafilatura loses words of, put into others that say the same and that it keeps."""

from __future__ import annotations

from copy import copy

from lxml import etree
from lxml.html import HtmlElement

_ODD = etree.XPath(
    "//center[not(.//div or .//p or .//table)] | //pre[not(*) and contains(., '\n')] | //figure[.//pre]"
    " | //blockquote//blockquote | //td//*[self::ul or self::ol or self::blockquote][not(.//table)]"
)
_PARTING = ("li", "p", "div", "blockquote", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6")


def prepared(bare: HtmlElement, *, own: HtmlElement) -> HtmlElement:
    """``bare`` with such shapes mended: a copy, where it has any and is ``own``, which stays as it was.

    Centred text becomes a paragraph, preformatted text code, a figure of code a division; quotes within quotes, and
    lists and quotes within a table's cell, become text of theirs with line breaks.
    """
    if not _ODD(bare):
        return bare
    tree = copy(bare) if bare is own else bare
    for element in _ODD(tree):
        if element.tag == "center":
            element.tag = "p"
        elif element.tag == "figure":
            element.tag = "div"
        elif element.tag == "pre":
            # What is in one span is code to trafilatura.
            span = element.makeelement("span")
            span.text, element.text = element.text, None
            element.append(span)
        else:
            _flatten(element)
    return tree


def _flatten(element: HtmlElement) -> None:
    for part in [*element.iter(*_PARTING)]:
        if part.getparent() is None:
            continue
        part.addprevious(part.makeelement("br"))
        after = part.makeelement("br")
        after.tail, part.tail = part.tail, None
        part.addnext(after)
        part.drop_tag()
