"""Asking a news web with the standard library's own client."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

from wiredesk.testweb import NewsWeb


class Reply:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()


def ask(web: NewsWeb, url: str, method: str = "GET", **headers: str) -> Reply:
    with closing(connection(web)) as client:
        return ask_on(client, url, method, **headers)


def connection(web: NewsWeb) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)


def ask_on(client: http.client.HTTPConnection, url: str, method: str = "GET", **headers: str) -> Reply:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    client.request(method, target, headers={"Host": parts.netloc, **names})
    return Reply(client.getresponse())


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 10 seconds"
        time.sleep(0.01)
