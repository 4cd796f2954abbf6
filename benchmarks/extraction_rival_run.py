"""Reads pages with another project's extractor, in an environment of its own: ``RIVAL PAGES.jsonl ANSWERS.jsonl``.

Nothing of ours is imported. The process gives up the network before it loads anything: newspaper4k would look for the
sizes of pictures, and news-please for the page.
"""

from __future__ import annotations

import contextlib
import gc
import gzip
import json
import logging
import re
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

PAGE_SECONDS = 10
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)

Extractor = Callable[[str, "str | None"], "dict[str, Any]"]


class NoNetworkError(OSError):
    """Somebody tried to reach the network."""


def forbid_network() -> None:
    """From now on no socket of this process connects and no name is looked up; there is no way back."""

    def refuse(event: str, _: object) -> None:
        if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
            raise NoNetworkError(f"no network here: {event}")

    sys.addaudithook(refuse)


def _newspaper4k() -> Extractor:
    newspaper = import_module("newspaper")

    def parse(html: str, url: str | None) -> dict[str, Any]:
        article = newspaper.Article(url or "https://paper.example/article", fetch_images=False)
        article.download(input_html=html)
        article.parse()
        return {
            "text": article.text,
            "title": article.title,
            "authors": list(article.authors or ()),
            **_days(article.publish_date),
            "language": article.meta_lang,
        }

    return parse


def _news_please() -> Extractor:
    from_html = import_module("newsplease").NewsPlease.from_html

    def parse(html: str, url: str | None) -> dict[str, Any]:
        article = from_html(html, url=url, fetch_images=False)
        return {
            "text": article.maintext,
            "title": article.title,
            "authors": list(article.authors or ()),
            **_days(article.date_publish),
            "language": article.language,
        }

    return parse


def _readability() -> Extractor:
    read_document, from_string = import_module("readability").Document, import_module("lxml.html").document_fromstring

    blocks = {"p", "div", "br", "li", "td", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"}

    def parse(html: str, _: str | None) -> dict[str, Any]:
        # Characters that lxml refuses: without this it raises on some pages in a hundred.
        document = read_document(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", html))
        parts: list[str] = []
        for element in from_string(document.summary()).iter():
            if isinstance(element.tag, str):
                parts += ["\n" if element.tag in blocks else "", element.text or ""]
            parts += ["\n" if element.tag in blocks else "", element.tail or ""]
        return {"text": "".join(parts), "title": document.short_title()}

    return parse


EXTRACTORS: dict[str, Callable[[], Extractor]] = {
    "newspaper4k": _newspaper4k,
    "news-please": _news_please,
    "readability-lxml": _readability,
}


def _days(found: object) -> dict[str, str]:
    if not isinstance(found, datetime):
        return {"day": str(found)[:10]} if found else {}
    utc = found.astimezone(UTC) if found.tzinfo else found
    return {"day": found.date().isoformat(), "utc_day": utc.date().isoformat()}


def _decoded(body: bytes) -> str:
    """As the page says, else UTF-8, else windows-1252."""
    said = _CHARSET.search(body[:4096])
    for name in (said[1].decode("ascii", "replace") if said else "utf-8", "utf-8"):
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return body.decode(name)
    return body.decode("cp1252", "replace")


@contextlib.contextmanager
def _patience(seconds: int) -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TimeoutError("the page takes too long")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def main(rival: str, wanted: str, found: str) -> int:
    """Read every page once, one answer a line; a page on which the extractor raises has an empty one."""
    forbid_network()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    parse = EXTRACTORS[rival]()
    rows = [json.loads(line) for line in Path(wanted).read_text().splitlines()]
    with Path(found).open("w") as answers:
        for number, row in enumerate([*rows[:2], *rows]):
            body = gzip.decompress(Path(row["path"]).read_bytes())
            gc.collect()
            answer: dict[str, Any] = {}
            began = time.process_time()
            try:
                with _patience(PAGE_SECONDS):
                    answer = parse(_decoded(body), row["url"])
            except Exception as error:  # noqa: BLE001 - another project's: whatever it raises, the next page is read
                answer = {"error": f"{type(error).__name__}: {error}"[:200]}
            answer["ms"] = (time.process_time() - began) * 1000
            # The first two pages are read once before it counts: models and word lists are loaded then.
            if number >= len(rows[:2]):
                answers.write(json.dumps(answer, default=str) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
