"""When is an article a new version of itself? Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_SPACE = re.compile(r"\s+")
_NOISE = re.compile(r"[^\w]+")


def content_sha256(title: str | None, text: str) -> str:
    """The digest of what makes a version: words of title and text, without spacing, punctuation or case.

    A moved comma or a typographer's quotation mark is noise; a changed figure or name is a version.
    """
    digest = hashlib.sha256()
    for part in (title or "", text):
        digest.update(_normal(part).encode("utf-8", "replace"))
        digest.update(b"\n")
    return digest.hexdigest()


def reason_for_version(old_title: str | None, new_title: str | None) -> str:
    """Why a new version was made, in one word that consumers may filter by."""
    return "text" if _normal(old_title or "") == _normal(new_title or "") else "title"


def _normal(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _SPACE.sub(" ", _NOISE.sub(" ", plain)).strip()
