"""A news web on loopback: one server, many sites told apart by their names, and a log of who asked for what."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from wiredesk.testweb.answers import Answer, Ask, Headers, Manner, Route, document
from wiredesk.testweb.feeds import CONTENT_TYPES, Channel, FeedKind, Item, build_feed
from wiredesk.testweb.log import Log, Seen
from wiredesk.testweb.server import Server
from wiredesk.testweb.sitemaps import GZIP_TYPE, SITEMAP_TYPE, news_sitemap, sitemap, sitemap_index

HTML = "text/html; charset=utf-8"
MIB = 1024 * 1024
NOT_FOUND = Answer(
    status=404,
    headers=(("Content-Type", HTML),),
    body=b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not found</h1></body></html>",
)


class Site:
    """One site of a web. What it says at a path is put there by the methods below, each of which returns the URL.

    A path without a query also answers requests that add one (tracking parameters), unless the exact one is there.
    """

    def __init__(self, web: NewsWeb, name: str) -> None:
        self.name = name
        self.latency = 0.0
        self._web = web
        self._lock = threading.Lock()
        self._routes: dict[str, Route] = {}
        self._counts: dict[str, int] = {}

    def url(self, path: str = "/") -> str:
        """The address of ``path`` at this site."""
        port = "" if self._web.port == 80 else f":{self._web.port}"
        return f"http://{self.name}.{self._web.suffix}{port}{path}"

    def answer(self, path: str, route: Route) -> str:
        """Let ``route`` decide at each request what ``path`` says."""
        with self._lock:
            self._routes[_key(path)] = route
        return self.url(path)

    def script(self, path: str, steps: Sequence[Answer]) -> str:
        """Say one thing after the other, request by request; the last one from then on."""
        if not steps:
            raise ValueError("a script needs a step")
        told = tuple(steps)
        return self.answer(path, lambda ask: told[min(ask.count, len(told)) - 1])

    def respond(
        self,
        path: str,
        *,
        status: int = 200,
        headers: Headers = (),
        body: bytes = b"",
        conditional: bool = True,
    ) -> str:
        """Say exactly this. ``conditional=False``: never 304, whatever validators the headers promise."""
        said = Answer(status=status, headers=headers, body=body, conditional=conditional)
        return self.answer(path, lambda _: said)

    def page(
        self,
        path: str,
        html: str | bytes,
        *,
        status: int = 200,
        content_type: str = HTML,
        headers: Headers = (),
        modified: datetime | None = None,
        compress: bool = True,
    ) -> str:
        """Put a document there, with honest validators and gzip for clients that take it."""
        body = html.encode() if isinstance(html, str) else html
        said = document(body, content_type, status=status, headers=headers, modified=modified, compress=compress)
        return self.answer(path, lambda _: said)

    def feed(
        self,
        path: str,
        items: Sequence[Item],
        *,
        kind: FeedKind = "rss",
        channel: Channel | None = None,
        modified: datetime | None = None,
    ) -> str:
        """Put a feed of ``items`` there; without a ``channel`` it is called like the site."""
        own = channel or Channel(title=self.name.title(), site_url=self.url("/"), feed_url=self.url(path))
        return self.page(path, build_feed(kind, own, items), content_type=CONTENT_TYPES[kind], modified=modified)

    def sitemap(self, path: str, items: Sequence[Item], *, publication: str | None = None) -> str:
        """Put a sitemap there, of news where there is a ``publication``; gzip under a name that ends in ``.gz``."""
        body = news_sitemap(items, publication=publication) if publication else sitemap(items)
        return self._sitemap(path, body)

    def sitemap_index(self, path: str, parts: Sequence[tuple[str, datetime | None]]) -> str:
        """Put an index of ``(address, last change)`` there; gzip under a name with ``.gz``."""
        return self._sitemap(path, sitemap_index(parts))

    def _sitemap(self, path: str, body: bytes) -> str:
        if path.endswith(".gz"):
            return self.page(path, gzip.compress(body, mtime=0), content_type=GZIP_TYPE, compress=False)
        return self.page(path, body, content_type=SITEMAP_TYPE)

    def robots(self, text: str, *, status: int = 200) -> str:
        """Put a robots.txt there; without one it is a 404."""
        return self.respond("/robots.txt", status=status, headers=(("Content-Type", "text/plain"),), body=text.encode())

    def redirect(self, path: str, to: str, *, status: int = 301) -> str:
        """Send whoever comes to ``to``, a path of this site or a whole URL."""
        return self.respond(path, status=status, headers=(("Location", to),))

    def has(self, path: str) -> bool:
        """Whether something was put exactly there."""
        with self._lock:
            return _key(path) in self._routes

    def remove(self, path: str) -> None:
        """Say 404 there from now on."""
        with self._lock:
            self._routes.pop(_key(path), None)

    def delay(self, seconds: float) -> None:
        """Take this long to think before each answer."""
        self.latency = seconds

    def hang(self, path: str) -> str:
        """Take requests and never answer them."""
        said = Answer(manner=Manner.HANG)
        return self.answer(path, lambda _: said)

    def broken(self, path: str, *, body: bytes = b"<html><body><p>And then", content_type: str = HTML) -> str:
        """Announce twice what is sent, and close in the middle of it."""
        headers = (("Content-Type", content_type),)
        said = Answer(manner=Manner.BROKEN, headers=headers, body=body, announced=2 * len(body) + 1)
        return self.answer(path, lambda _: said)

    def slow_loris(
        self, path: str, *, pause: float = 0.5, body: bytes = b"<p>slow</p>" * 1000, headers_too: bool = False
    ) -> str:
        """Send a byte every ``pause`` seconds; with ``headers_too`` the headers as well."""
        manner = Manner.DRIP_HEADERS if headers_too else Manner.DRIP
        said = Answer(manner=manner, headers=(("Content-Type", HTML),), body=body, pause=pause)
        return self.answer(path, lambda _: said)

    def endless(
        self,
        path: str,
        *,
        piece: bytes = b"<p>and on it goes</p>\n" * 1000,
        most: int = 512 * MIB,
        headers: Headers = (),
    ) -> str:
        """Send ``piece`` again and again, without saying how often, ``most`` bytes at the most."""
        said = Answer(manner=Manner.ENDLESS, headers=headers or (("Content-Type", HTML),), body=piece, most=most)
        return self.answer(path, lambda _: said)

    def ask(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[Ask, Answer]:
        """What a request hears, before its validators are looked at."""
        exact = _key(target)
        with self._lock:
            key = exact if exact in self._routes else exact.split("?")[0]
            route = self._routes.get(key)
            count = self._counts[key] = self._counts.get(key, 0) + 1
        ask = Ask(method, target, headers, body, count)
        return ask, route(ask) if route else NOT_FOUND


class NewsWeb:
    """A web of sites ``http://NAME.SUFFIX:PORT/``, alive inside its ``with`` block.

    ``port`` 0 takes a free one. Names under ``localhost`` are this machine by RFC 6761; another ``suffix`` needs a
    resolver that knows it, as Docker's does.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, suffix: str = "localhost") -> None:
        self.suffix = suffix
        self.book = Log()
        self._address = (host, port)
        self._server: Server | None = None
        self._sites: dict[str, Site] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = Server(self, *self._address)
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.stop()

    @property
    def port(self) -> int:
        """The port it listens on.

        :raises RuntimeError: outside of the ``with`` block, where there is none.
        """
        if self._server is None:
            raise RuntimeError("a NewsWeb has addresses inside its with block only")
        return int(self._server.server_address[1])

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of its sites."""
        with self._lock:
            return tuple(self._sites)

    def site(self, name: str) -> Site:
        """The site called ``name``, made when it is first asked for."""
        with self._lock:
            return self._sites.setdefault(name, Site(self, name))

    def find(self, host: str) -> Site | None:
        """The site that a ``Host`` header means."""
        name = host.lower().rsplit(":", 1)[0].rstrip(".").removesuffix(f".{self.suffix}")
        with self._lock:
            return self._sites.get(name)

    def stranger(self, host: str) -> Answer:
        """What is said at a name that is no site."""
        lines = [f"There is no site {host or '(no Host header)'} here. There are:", *sorted(self.sites), ""]
        return Answer(
            status=404, headers=(("Content-Type", "text/plain; charset=utf-8"),), body="\n".join(lines).encode()
        )

    @property
    def log(self) -> tuple[Seen, ...]:
        """Every request so far, in the order of arrival."""
        return self.book.all()

    def requests(self, *, site: str | None = None, path: str | None = None) -> tuple[Seen, ...]:
        """The requests of a site or for a path; a ``path`` without a query means it with any."""
        return tuple(
            seen
            for seen in self.log
            if (site is None or seen.site == site) and (path is None or path in (seen.path, seen.path.split("?")[0]))
        )

    def most_in_flight(self, site: str | None = None) -> int:
        """The most requests that were being answered at once, by one site or by all together."""
        if site is None:
            return max((seen.in_flight_total for seen in self.log), default=0)
        return max((seen.in_flight for seen in self.requests(site=site)), default=0)

    def least_gap(self, site: str) -> float:
        """The shortest time between two arrivals at a site, in seconds; infinite where there were no two."""
        times = sorted(seen.at for seen in self.requests(site=site))
        return min((after - before for before, after in pairwise(times)), default=float("inf"))


def _key(target: str) -> str:
    # %C3%A4, %c3%a4 and ä are one path: what a client makes of a link must not decide whether it is found.
    return unquote(target.split("#", maxsplit=1)[0])
