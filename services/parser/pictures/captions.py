"""What stands around a picture: its caption, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from services.parser.cleanup import is_image_credit
from services.parser.dom import text_of
from services.parser.pictures.credits import CREDIT
from services.parser.text import SHORT_LIMIT

_AROUND_LIMIT = 400
_CREDIT_LIMIT = 150
_CREDIT_CLASS = re.compile(r"credit|copyright|source|quelle|photograph|author|byline|rights|attribution", re.IGNORECASE)
_CAPTION_CLASS = re.compile(r"caption|legend|bildunterschrift|description", re.IGNORECASE)
_LAST_CREDIT = re.compile(rf"(?:^|[.!?)\s(|])\s*\(?({CREDIT.pattern}.{{2,100}}|(?:©|\(c\)) ?.{{2,80}})$", re.IGNORECASE)
_LABEL = re.compile(rf"^{CREDIT.pattern}\s*[:/|]?\s*", re.IGNORECASE)
_LARGE = frozenset({"body", "article", "main", "section", "p", "li", "td"})


@dataclass(frozen=True)
class Said:
    """Caption and credit of one picture."""

    caption: str | None = None
    credit: str | None = None


def around(image: HtmlElement, figure: HtmlElement | None) -> Said:
    """What stands in the picture's figure, else beside it in a container that holds nothing else."""
    if figure is not None:
        return _within(figure)
    container = image.getparent()
    for _ in range(3):
        if container is None or container.tag in _LARGE:
            break
        text = text_of(container, limit=_AROUND_LIMIT + 1)
        if len(text) > _AROUND_LIMIT:
            break
        if text:
            return _within(container)
        container = container.getparent()
    return Said()


def bare_credit(credit: str | None) -> str | None:
    """A credit without its label: ``Quelle: Gettyimages.ru © simon2579`` is ``Gettyimages.ru © simon2579``."""
    if credit is None:
        return None
    return _LABEL.sub("", credit).strip(" :.()[]|") or None


def _within(container: HtmlElement) -> Said:
    credited: list[str] = []
    captions: list[str] = []
    for part in container.iter("figcaption", "div", "span", "p", "small", "cite"):
        css = part.get("class") or ""
        # The innermost element that is called a credit holds nothing but it.
        if _CREDIT_CLASS.search(css) and not _CAPTION_CLASS.search(css):
            text = text_of(part, limit=SHORT_LIMIT)
            if 0 < len(text) <= _CREDIT_LIMIT:
                credited.append(text)
        elif (part.tag == "figcaption" or _CAPTION_CLASS.search(css)) and (text := text_of(part)):
            captions.append(text)
    whole = captions[0] if captions else text_of(container, limit=_AROUND_LIMIT)
    credit = min(credited, key=len) if credited else None
    if credit is not None:
        whole = whole.replace(credit, " ")
    elif match := _LAST_CREDIT.search(whole):
        credit = match.group(1)
        whole = whole[: match.start(1)]
    elif is_image_credit(whole):
        credit, whole = whole, ""
    caption = " ".join(whole.split()).strip(" |/–—-(•") or None
    return Said(caption=caption if caption and len(caption) > 2 else None, credit=bare_credit(credit))
