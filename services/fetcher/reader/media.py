"""The images of an entry: Media RSS and image enclosures, each once, with caption and credit where the feed says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from services.fetcher.reader.fields import absolute, whole_number
from services.fetcher.reader.markup import plain_line
from services.fetcher.reader.raw import MAX_IMAGES, MediaImage
from shared.records import EntryImage

_IMAGE_PATH = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?)(?:[?#]|$)", re.IGNORECASE)


def images(
    described: Sequence[MediaImage], enclosures: Sequence[dict[str, Any]], base: str | None
) -> tuple[EntryImage, ...]:
    """All images that an entry names; a thumbnail only where the image itself is not listed under its own address."""
    if not described and not enclosures:
        return ()
    candidates = [image for image in described if image.is_thumbnail or _is_image(image.attributes)]
    candidates.sort(key=lambda image: image.is_thumbnail)
    candidates += [MediaImage(dict(enclosure), is_thumbnail=False) for enclosure in enclosures if _is_image(enclosure)]
    found: dict[str, EntryImage] = {}
    for image in candidates[:MAX_IMAGES]:
        attributes = image.attributes
        url = absolute(base, attributes.get("url") or attributes.get("href"))
        if url is not None and url not in found:
            found[url] = EntryImage(
                url=url,
                caption=plain_line(image.caption),
                credit=plain_line(image.credit),
                width=whole_number(attributes.get("width")) or None,
                height=whole_number(attributes.get("height")) or None,
            )
    return tuple(found.values())


def _is_image(attributes: dict[str, Any]) -> bool:
    medium, kind = str(attributes.get("medium") or ""), str(attributes.get("type") or "")
    if medium or "/" in kind:
        return medium.lower() == "image" or kind.lower().startswith("image/")
    return _IMAGE_PATH.search(str(attributes.get("url") or attributes.get("href") or "")) is not None
