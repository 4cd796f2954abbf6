"""The text of an element of a well-formed document, as feedparser would hand it on."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urljoin

from lxml.etree import _Element as Element

from services.fetcher.reader.corrected import HANDLED, looks_like_html
from services.fetcher.reader.names import Names, UnusualError, attributes_of
from services.fetcher.reader.raw import PLAIN, Words

XHTML = "application/xhtml+xml"
HTML = "text/html"
_KINDS = {
    "text": PLAIN,
    "plain": PLAIN,
    PLAIN: PLAIN,
    "html": HTML,
    HTML: HTML,
    "xhtml": XHTML,
    XHTML: XHTML,
}
_C1 = re.compile("[\x80-\x9f]")
# Windows-1252 in place of Latin-1, of which the code points below 160 are controls.
_WINDOWS = {number: bytes([number]).decode("cp1252", "ignore") or chr(number) for number in range(0x80, 0xA0)}
# SVG and MathML, and what the screening notes wherever it stands.
_FOREIGN = frozenset({"svg", "math", "hour", "day"})
_QUOTE = '"'
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/+")


class Texts:
    """Reads the texts of one document."""

    def __init__(self, names: Names, format_: str, *, is_clean: bool) -> None:
        self.names = names
        self.is_atom = format_.startswith("atom")
        self.has_divisions = format_ == "atom10"
        self.is_clean = is_clean

    def line(self, element: Element) -> str:
        """The text of an element that has no others inside."""
        text = text_of(element)
        return text if text.isascii() else self.amend(text)

    def address(self, element: Element, attributes: dict[str, str], base: str) -> str:
        """The text of an element, which is an address and may be relative."""
        text = text_of(element)
        if not text:
            return text
        text = join(base_within(attributes, base), text)
        return text if text.isascii() else self.amend(text)

    def amend(self, text: str) -> str:
        """``text``, where UTF-8 was taken for Latin-1 or Windows' characters for controls, as it was meant."""
        if text.isascii():
            return text
        try:  # noqa: SIM105 - a context manager takes longer than all else here
            text = text.encode("iso-8859-1").decode().replace("\ufffe", "").replace("\uffff", "")
        except UnicodeError:
            pass
        return text if self.is_clean or not _C1.search(text) else text.translate(_WINDOWS)

    def words(self, element: Element, attributes: dict[str, str], default: str) -> Words:
        """What stands in an element that may say of which media type its text is.

        :raises UnusualError: where that is neither text nor markup, or markup that contradicts its type.
        """
        kind = default
        if attributes:
            if attributes.get("mode") == "base64":
                raise UnusualError
            found = _KINDS.get(attributes.get("type", default))
            if found is None:
                raise UnusualError
            kind = found
        if kind == XHTML:
            return Words(self.amend(self.inner(element)), kind)
        text = self.line(element)
        if kind == PLAIN and not self.is_atom and looks_like_html(text):
            kind = HTML
        return Words(text, kind)

    def inner(self, element: Element) -> str:
        """Inline markup, written out: without the one <div> around it that Atom 1.0 asks for."""
        if self.has_divisions and len(element) == 1 and not (element.text or "").strip():
            child = element[0]
            if not (child.tail or "").strip() and self.local(child) == "div":
                element = child
        pieces = [escape(element.text or "", quote=False)]
        for child in element:
            self.write(child, pieces)
        return "".join(pieces).strip()

    def write(self, element: Element, pieces: list[str]) -> None:
        """Append ``element`` and what follows it to ``pieces``."""
        local = self.local(element)
        written = "".join(
            f' {name}="{escape(value, quote=False).replace(_QUOTE, "&quot;")}"'
            for name, value in attributes_of(element).items()
        )
        pieces += (f"<{local}{written}>", escape(element.text or "", quote=False))
        for child in element:
            self.write(child, pieces)
        pieces += (f"</{local}>", escape(element.tail or "", quote=False))

    def local(self, element: Element) -> str:
        """The name of an element of inline markup."""
        name = self.names.of(element)
        prefix, _, local = name.rpartition(":")
        # feedparser would take the end of some for the end of the feed's own; foreign ones are a matter of their own.
        if prefix not in ("", "xhtml") or name.replace(":", "_") in HANDLED or local in _FOREIGN:
            raise UnusualError
        return local


def text_of(element: Element) -> str:
    """What stands in an element that has no others inside.

    :raises UnusualError: where it has.
    """
    if len(element):
        raise UnusualError
    return (element.text or "").strip()


def join(base: str, reference: str) -> str:
    """``reference`` relative to an ``xml:base``, if there is one."""
    if "///" in reference:
        reference = _SLASHES.sub(r"\1", reference)
    if not base:
        return reference
    try:
        return urljoin(base, reference)
    except ValueError:
        return ""


def base_within(attributes: dict[str, str], base: str) -> str:
    """The base address inside of an element where that around it is ``base``.

    :raises UnusualError: where that is no address of the web.
    """
    own = attributes.get("xml:base") or attributes.get("base") if attributes else None
    if not own:
        return base
    found = join(base, own)
    if not found.startswith(("http://", "https://")):
        raise UnusualError
    return found


def language_within(attributes: dict[str, str], language: str | None) -> str | None:
    """The language inside of an element where that around it is ``language``."""
    own = attributes.get("xml:lang", attributes.get("lang")) if attributes else None
    return language if own is None else own or None
