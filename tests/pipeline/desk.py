"""The product as a person starts it: ``wiredesk`` in processes of its own, on a data folder, against the test web."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import redis

from shared import queues
from wiredesk.testweb import ArticlePage, Item, Site, article_page

WORDS = (
    "The council of {place} met on Tuesday to talk about the {thing} that has stood at the harbour since {year}.",
    "Members heard {count} letters from people of {place}, most of them short, and one with a drawing of the {thing}.",
    "A decision on the {thing} is expected before the first snow, said the clerk, who has seen {count} winters here.",
)


def paper(site: Site, articles: int, *, feed: str = "/feed.xml") -> str:
    """A site with a feed and pages of so many articles, no two alike. Returns the feed's URL."""
    began = datetime.now(UTC) - timedelta(hours=articles)
    items = []
    for number in range(articles):
        facts = {
            "place": f"{site.name.title()} {number}",
            "thing": ("crane", "lighthouse", "ferry")[number % 3],
            "year": 1900 + number,
            "count": number + 3,
        }
        title = f"{site.name.title()} looks at its {facts['thing']} number {number} again"
        published = began + timedelta(hours=number)
        page = ArticlePage(
            url=site.url(f"/{number}.html"),
            title=title,
            paragraphs=tuple(sentence.format(**facts) for sentence in WORDS),
            published=published,
            site_name=site.name.title(),
        )
        link = site.page(f"/{number}.html", article_page(page))
        items.append(Item(link=link, title=title, entry_id=link, published=published, summary=WORDS[0].format(**facts)))
    return site.feed(feed, items)


class Desk:
    """``wiredesk`` on one data folder."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[str]] = []
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")},
            "WIREDESK_DATA": str(folder),
            "WIREDESK_ALLOWED_NETWORKS": "127.0.0.0/8",
            "WIREDESK_SITE_INTERVAL_SECONDS": "0.02",
            "WIREDESK_PAGE_RETRY_SECONDS": "1",
            "WIREDESK_API_PORT": "0",
            **environment,
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "wiredesk", *arguments]

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def lines(self, *arguments: str, timeout: float = 120, json_option: bool = True) -> list[Any]:
        """What a command prints, one JSON object a line."""
        done = self.run(*arguments, *(["--json"] if json_option else []), timeout=timeout)
        assert "Traceback" not in done.stderr, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def json(self, *arguments: str, timeout: float = 120) -> Any:
        """The one object that a command prints with ``--json``."""
        done = self.run(*arguments, "--json", timeout=timeout)
        assert done.stdout.count("\n") == 1, f"{arguments}: {done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that goes on; it is ended with the test."""
        log = (self.folder.parent / f"{'-'.join(arguments[:2])}.log").open("a")
        process = subprocess.Popen(self.command(*arguments), env=self.environment, stdout=log, stderr=log, text=True)
        log.close()
        self._running.append(process)
        return process

    def processes(self) -> dict[int, str]:
        """Everything that runs for this folder, by process id: whoever has it in its environment or command line."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal() or int(entry.name) == os.getpid():
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                told = command + (entry / "environ").read_bytes().replace(b"\0", b"\n").decode("utf-8", "replace")
            except OSError:
                continue
            if str(self.folder) in told and command:
                found[int(entry.name)] = command
        return found

    def pids(self, word: str) -> list[int]:
        """Process ids of this folder's processes whose command line contains ``word``."""
        return [pid for pid, command in self.processes().items() if word in command]

    def valkey(self) -> redis.Redis:
        """A client of the Valkey that this folder's workers are using."""
        for pid in self.pids("-m wiredesk worker"):
            told = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
            for name, _, value in (line.partition("=") for line in told):
                if name == "WIREDESK_REDIS_URL":
                    return queues.connect(value)
        raise AssertionError("no worker runs")

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)


def wait_until(condition: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Wait for ``condition`` to become true and return what it said."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        said = condition()
        if said:
            return said
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")
