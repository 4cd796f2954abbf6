"""Small values that every feed format has: addresses, languages, numbers."""

from __future__ import annotations

import re

from shared.urls import absolute_url, follow

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
# What the rules for links in feeds leave as it is.
_WHOLE = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?:[/?#][!-\[\]-~]*)?")
MAX_URL = 8192


def clean(text: str | None) -> str | None:
    """``text`` without control characters, halves of characters and blank ends; ``None`` where nothing is left."""
    if not text:
        return None
    return (text if text.isprintable() else _CONTROL.sub("", text)).strip() or None


def absolute(base: str | None, link: str | None) -> str | None:
    """``link`` as a whole http(s) address; ``None`` where it is none, or is relative to nothing known.

    For RSS, which says nothing of relative links: a bare word in place of a link is no link.
    """
    if not link or len(link) > MAX_URL:
        return None
    return link if _WHOLE.fullmatch(link) else absolute_url(base or "", link)


def resolve(base: str | None, reference: str | None) -> str | None:
    """As :func:`absolute`, for what is a reference by its specification (RFC 3986 5): HTML and Atom."""
    if not reference or len(reference) > MAX_URL:
        return None
    return reference if _WHOLE.fullmatch(reference) else follow(base or "", reference)


def language_tag(text: str | None) -> str | None:
    """``text`` where it has the form of a language tag (RFC 5646), ``-`` between its parts."""
    if not text:
        return None
    tag = text.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def whole_number(text: str | None) -> int | None:
    """A number of at most nine digits; ``None`` for anything else."""
    stripped = (text or "").strip()
    return int(stripped) if re.fullmatch(r"[0-9]{1,9}", stripped) else None
