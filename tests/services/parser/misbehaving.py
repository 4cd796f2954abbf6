"""A parser that does what a page tells it to, for real: hang, crash, take all memory. Other pages it parses."""

from __future__ import annotations

import os
import signal
import time
import unicodedata
from pathlib import Path

from services.parser.stored import parse_stored
from shared.pagestore import StoredPage
from shared.records import Article, Rejection
from shared.siterules import SiteRules


def parse(page: StoredPage, *, key: str, rules: SiteRules | None = None) -> Article | Rejection:
    order, _, argument = page.body.decode().partition(" ")
    match order:
        case "HANG":
            time.sleep(600)
        case "STUCK":
            tell(argument)
            # Minutes in which Python runs nothing else: no watchdog, no signal handler.
            unicodedata.normalize("NFC", "a" + "\u0301\u0316" * 300_000)
        case "SLEEP":
            seconds, _, told = argument.partition(" ")
            tell(told)
            time.sleep(float(seconds))
            return parse_stored(StoredPage(page.status, GOOD, page.metadata, page.headers), key=key, rules=rules)
        case "CRASH":
            os.kill(os.getpid(), signal.SIGSEGV)
            time.sleep(10)
        case "GROW":
            hoard = [bytearray(64 * 2**20)]
            while True:
                hoard.append(bytearray(64 * 2**20))
        case "HOARD":
            HOARD.append(b"x" * (230 * 2**20))
            return parse_stored(StoredPage(page.status, GOOD, page.metadata, page.headers), key=key, rules=rules)
        case "CRASH-ONCE":
            if not (seen := Path(argument)).exists():
                seen.touch()
                os.kill(os.getpid(), signal.SIGSEGV)
                time.sleep(10)
            return parse_stored(StoredPage(page.status, GOOD, page.metadata, page.headers), key=key, rules=rules)
    return parse_stored(page, key=key, rules=rules)


def tell(path: str) -> None:
    """Say that a page is being parsed, where somebody wants to know."""
    if path:
        Path(path).touch()


HOARD: list[bytes] = []
GOOD = (
    b"<html><body><h1>The ferry is back</h1><p>" + b"It went over the river again today. " * 20 + b"</p></body></html>"
)
