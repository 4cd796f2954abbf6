"""``python -m wiredesk.testweb``: serve the sample newspapers or the real samples until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from wiredesk.testweb.web import NewsWeb


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, having said in one line where the OPML list is. Returns the exit code."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with NewsWeb(options.host, options.port, options.suffix) as web:
            url, body = _build(web, options)
            if options.opml is not None:
                options.opml.write_bytes(body)
            sys.stdout.write(f"{options.opml or url}\n")
            sys.stdout.flush()
            stop.wait()
    except OSError as error:
        what = error.filename or f"{options.host}:{options.port}"
        sys.stderr.write(f"news web: {what}: {error.strerror or error}\n")
        return 1
    return 0


def _build(web: NewsWeb, options: argparse.Namespace) -> tuple[str, bytes]:
    if options.samples is None:
        from wiredesk.demo import build_demo  # noqa: PLC0415 - the demo builds on this package

        papers = build_demo(web, now=datetime.now(UTC))
        return papers.opml_url, papers.opml
    from wiredesk.testweb.samples import build_samples  # noqa: PLC0415 - reads feeds: half a second of imports

    body = build_samples(web, options.samples, limit=options.limit).opml()
    return web.site("samples").page("/feeds.opml", body, content_type="text/x-opml; charset=utf-8"), body


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wiredesk.testweb", description="A news web on this machine.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--demo", action="store_true", help="the invented newspapers")
    what.add_argument("--samples", type=Path, metavar="DIR", help="real pages and feeds from this folder")
    parser.add_argument("--limit", type=int, metavar="N", help="of the samples, at most N pages a set and N feeds")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one (default)")
    parser.add_argument("--suffix", default="localhost", help="sites are NAME.SUFFIX (default %(default)s)")
    parser.add_argument("--opml", type=Path, metavar="FILE", help="write the list of feeds there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
