"""What a parser's process takes of memory in the long run: ``python -m benchmarks.parser_memory [--pages 20000]``.

Parses the labelled pages of ``../shared/data/pages`` round and round, each time with other words, names and addresses
in them, so that whatever remembers lines or names meets new ones, with the upkeep of a real worker between. Prints the
resident memory every 1,000 pages, and ends with 1 where the last is more than 64 MiB above that after 2,000 pages.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time

from benchmarks.extraction_pages import PAGES, labelled
from services.parser import extract
from services.parser.upkeep import Upkeep
from shared import memory

SETS = ("aed", "fundus", "readability")
MIB = 2**20
MOST_GROWTH_MIB = 64
_EVERY = 1_000
_SETTLED = 2_000


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000)
    options = parser.parse_args()
    if not PAGES.is_dir():
        sys.stderr.write(f"no labelled pages at {PAGES}: nothing to measure\n")
        return 1
    logging.disable(logging.CRITICAL)
    bodies = [(page.body(), page.url or "") for name in SETS for page in labelled(PAGES / name)]
    upkeep = Upkeep(sys.maxsize)
    settled = last = 0.0
    began = time.process_time()
    for number in range(1, options.pages + 1):
        body, url = bodies[number % len(bodies)]
        extract(varied(body, number), url=f"{url}?{number}")
        upkeep.after_page()
        if number % _EVERY == 0 or number == options.pages:
            last = (memory.resident() or 0) / MIB
            settled = settled if number > _SETTLED else last
            ms = (time.process_time() - began) / number * 1000
            sys.stdout.write(f"{number:>7,} pages {last:7.0f} MiB {ms:6.1f} ms a page\n")
            sys.stdout.flush()
    return int(last - settled > MOST_GROWTH_MIB)


def varied(body: bytes, number: int) -> bytes:
    """The page with a word of its own in each paragraph and link, and names of elements that no other page has."""
    word = b" w%d" % number
    names = b'<x-%d data-a%d="1" id="i%d">x</x-%d>' % ((number,) * 4)
    return body.replace(b"</p>", word + b"</p>").replace(b"</a>", word + b"</a>") + names


if __name__ == "__main__":
    raise SystemExit(main())
