"""A small WebSub hub at a site of the web: takes requests, verifies them, and delivers, signed.

Written from the Recommendation and not with Wiredesk's own code, which is tested with it.
"""

from __future__ import annotations

import hmac
import http.client
import secrets
import threading
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlencode, urlsplit

from wiredesk.testweb.answers import Answer, Ask
from wiredesk.testweb.web import Site

CALL_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """Who gets what is published under ``topic``, as of a verified request."""

    callback: str
    topic: str
    secret: str = field(default="", repr=False)
    lease_seconds: int = 0


@dataclass(frozen=True)
class Call:
    """A call to a subscriber: what for, what was answered, and whether it was what a hub needs."""

    mode: str
    status: int
    body: bytes
    accepted: bool


class Hub:
    """``lease_seconds``: what it grants, whatever is asked for. ``method`` signs; empty: not at all.

    ``denies``: refuse every request by a call, with this reason. ``before_answer``: verify before the request is
    answered, as some hubs do. After :meth:`die` it answers 503 to everything.
    """

    def __init__(
        self,
        site: Site,
        path: str = "/hub",
        *,
        lease_seconds: int = 864_000,
        method: str = "sha256",
        denies: str | None = None,
        before_answer: bool = False,
    ) -> None:
        self.lease_seconds = lease_seconds
        self.method = method
        self.denies = denies
        self.before_answer = before_answer
        self.calls: list[Call] = []
        self.requests: list[dict[str, str]] = []
        self._dead = False
        self._lock = threading.Lock()
        self._subscribers: dict[tuple[str, str], Subscriber] = {}
        self.url = site.answer(path, self._hear)

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """Who is subscribed."""
        with self._lock:
            return tuple(self._subscribers.values())

    def die(self) -> None:
        """Answer nothing useful any more."""
        self._dead = True

    def publish(self, topic: str, body: bytes, *, content_type: str = "application/rss+xml") -> list[int]:
        """Deliver ``body`` to everyone subscribed to ``topic``; returns the statuses that came back."""
        return [
            self.deliver(subscriber, body, content_type=content_type)
            for subscriber in self.subscribers
            if subscriber.topic == topic
        ]

    def deliver(self, subscriber: Subscriber, body: bytes, *, content_type: str = "application/rss+xml") -> int:
        """Deliver to one."""
        headers = {
            "Content-Type": content_type,
            "Link": f'<{self.url}>; rel="hub", <{subscriber.topic}>; rel="self"',
        }
        if self.method:
            digest = hmac.new(subscriber.secret.encode(), body, self.method).hexdigest()
            headers["X-Hub-Signature"] = f"{self.method}={digest}"
        status, _ = _call("POST", subscriber.callback, body=body, headers=headers)
        return status

    def _hear(self, ask: Ask) -> Answer:
        if self._dead:
            return Answer(status=503)
        asked = {name: values[0] for name, values in parse_qs(ask.body.decode("utf-8", "replace")).items()}
        if ask.method != "POST" or not {"hub.mode", "hub.topic", "hub.callback"} <= asked.keys():
            return Answer(status=400)
        with self._lock:
            self.requests.append(asked)
        if self.before_answer:
            self._verify(asked)
        else:
            threading.Thread(target=self._verify, args=(asked,), name="hub", daemon=True).start()
        return Answer(status=202)

    def _verify(self, asked: dict[str, str]) -> None:
        wanted = Subscriber(
            callback=asked["hub.callback"], topic=asked["hub.topic"], secret=asked.get("hub.secret", "")
        )
        if self.denies is not None:
            self.call(wanted, "denied", **{"hub.reason": self.denies})
            return
        mode = asked["hub.mode"]
        lease = {"hub.lease_seconds": str(self.lease_seconds)} if mode == "subscribe" else {}
        challenge = secrets.token_hex(16)
        if not self.call(wanted, mode, **lease, **{"hub.challenge": challenge}).accepted:
            return
        key = wanted.callback, wanted.topic
        with self._lock:
            if mode == "subscribe":
                self._subscribers[key] = replace(wanted, lease_seconds=self.lease_seconds)
            else:
                self._subscribers.pop(key, None)

    def call(self, subscriber: Subscriber, mode: str, **parameters: str) -> Call:
        """Call ``subscriber`` back with ``parameters`` beside mode and topic."""
        query = urlencode({"hub.mode": mode, "hub.topic": subscriber.topic, **parameters})
        joint = "&" if "?" in subscriber.callback else "?"
        status, body = _call("GET", f"{subscriber.callback}{joint}{query}")
        accepted = 200 <= status < 300 and body.decode("utf-8", "replace") == parameters.get("hub.challenge", "")
        made = Call(mode, status, body, accepted)
        with self._lock:
            self.calls.append(made)
        return made


def _call(
    method: str, url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Status and body; 0 where nobody answered."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=CALL_SECONDS)
    try:
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
