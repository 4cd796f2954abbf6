"""A web of many sites that answer pages after a while, in a process of its own that can be asked how it goes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import Any

from wiredesk.testweb import Answer, Ask, NewsWeb, Seen, document

ROBOTS = "User-agent: *\nDisallow: /search\nDisallow: /admin/\nAllow: /search/about\nSitemap: https://x.example/s.xml\n"


@contextmanager
def serving(bodies: Sequence[bytes], sites: int, latency: float) -> Iterator[Pipe]:
    """The web, in a process of its own; gives the end of a pipe to ask it by."""
    ours, its = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(its, bodies, sites, latency), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        ours.close()
        process.join(5)
        process.terminate()


def ask(web: Pipe, *question: Any) -> Any:  # noqa: ANN401 - what the question is about
    """The web's answer: its ``url``, its ``pid``, how many pages are ``done``, or how many were ``in_flight``."""
    web.send(question)
    return web.recv()


def _serve(pipe: Pipe, bodies: Sequence[bytes], sites: int, latency: float) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    said = [document(body, "text/html; charset=utf-8", compress=True) for body in bodies]
    with NewsWeb() as web, contextlib.suppress(EOFError, OSError):
        for number in range(sites):
            site = web.site(f"paper{number}")
            site.robots(ROBOTS)
            site.delay(latency)
            for page in range(100_000 // sites):
                answer = said[(page * sites + number) % len(said)]
                site.answer(f"/{page * sites + number}.html", partial(_always, answer))
        while True:
            what, *arguments = pipe.recv()
            if what == "url":
                pipe.send(f"http://SITE.{web.suffix}:{web.port}")
            elif what == "pid":
                pipe.send(os.getpid())
            elif what == "done":
                pipe.send(sum(seen.finished_at is not None for seen in _pages(web)))
            else:
                pipe.send(_in_flight(_pages(web), *arguments))


def _always(answer: Answer, _ask: Ask) -> Answer:
    return answer


def _pages(web: NewsWeb) -> list[Seen]:
    return [seen for seen in web.log if seen.path.endswith(".html")]


def _in_flight(pages: Sequence[Seen], begin: float, end: float) -> tuple[int, float]:
    """The most requests at once, and the median over the time between ``begin`` and ``end``."""
    changes = sorted([(seen.at, 1) for seen in pages] + [(seen.finished_at or end, -1) for seen in pages])
    lasted: Counter[int] = Counter()
    now, since = 0, begin
    for at, change in changes:
        if begin < at <= end:
            lasted[now] += round((at - since) * 1e6)
            since = at
        now += change
    half, most = sum(lasted.values()) / 2, max(lasted, default=0)
    for count in sorted(lasted):
        half -= lasted[count]
        if half <= 0:
            return most, count
    return most, 0.0
