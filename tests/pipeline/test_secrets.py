"""What is set for a feed's requests shows nowhere: every surface of a desk is searched for it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import redis

from services.api.dependencies import ApiContext
from shared.database import Database
from shared.settings import Settings
from tests.pipeline.desk import Desk, paper
from tests.services.api.served import serve
from tests.shared.http.proxy_site import ProxySite
from wiredesk.testweb import NewsWeb

SECRETS = {
    "password": "g3h3im",
    "user": "nutz3r",
    "both as sent": "bnV0ejNyOmczaDNpbQ==",
    "header": "h3ad3r",
    "cookie": "c00ki3",
    "proxy password": "v3rb0rg3n",
    "proxy password as sent": "bWU6djNyYjByZzNu",
}


def leaks(where: str, text: str) -> list[str]:
    return [f"{what} in {where}" for what, secret in SECRETS.items() if secret in text]


def everything_in(valkey: redis.Redis) -> str:
    return "\n".join(f"{key!r} {valkey.dump(key)!r}" for key in valkey.scan_iter("*"))


def everything_in_tables(database: Database) -> str:
    """Every row of every table but the one."""
    with database.transaction() as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'feed_requests'"
        ).fetchall()
        rows = [
            row["row"]
            for table in tables
            for row in connection.execute(f"SELECT t::text AS row FROM {table['tablename']} t".encode()).fetchall()
        ]
    assert rows
    return "\n".join(rows)


def test_no_surface_shows_what_is_sent_along(
    quick_desk: Desk,
    web: NewsWeb,
    settings: Settings,
    database: Database,
    valkey: redis.Redis,
    tmp_path: Path,
) -> None:
    proxy = ProxySite()
    quick_desk.environment |= {"WIREDESK_LOG_LEVEL": "DEBUG", "WIREDESK_FEED_PASSWORD": SECRETS["password"]}
    site = web.site("paper")
    feed = paper(site, 2)
    refused = site.respond("/refused.xml", status=403)
    with_name = feed.replace("http://", f"http://{SECRETS['user']}:{SECRETS['password']}@")
    opml = tmp_path / "feeds.opml"
    refused_with_name = refused.replace("http://", f"http://{SECRETS['user']}:{SECRETS['password']}@")
    opml.write_text(
        f'<opml version="2.0"><body><outline text="R" xmlUrl="{refused_with_name}" htmlUrl="{with_name}"/>'
        f'<outline text="X" xmlUrl="http://{SECRETS["user"]}:{SECRETS["password"]}@[::x/"/></body></opml>'
    )
    commands = [
        ("feeds", "add", with_name, "--json"),
        ("feeds", "import", str(opml), "--json"),
        ("feeds", "add", f"http://{SECRETS['user']}:{SECRETS['password']}@[::x/"),
        *(
            (
                *("feeds", "set", name, "--header", f"X-Key: {SECRETS['header']}", "--cookie"),
                *(f"sid={SECRETS['cookie']}", "--user", SECRETS["user"], "--for-pages"),
                *("--proxy", proxy.url(f"me:{SECRETS['proxy password']}@"), "--json"),
            )
            for name in (feed, refused)
        ),
        ("feeds", "set", feed),
        ("feeds", "set", feed, "--header", f"Host: {SECRETS['header']}"),
        ("feeds", "set", feed, "--proxy", f"socks5://me:{SECRETS['header']}@h:1"),
        ("feeds", "check", feed, "--json"),
        ("run", "--once", feed, refused, "--json"),
        ("feeds", "show", feed, "--json"),
        ("feeds", "show", refused),
        ("feeds", "list", "--json"),
        ("feeds", "list", "--health"),
        ("feeds", "export"),
        ("explain", feed, "--json"),
        ("explain", site.url("/1.html")),
    ]
    found = []
    for command in commands:
        done = quick_desk.run(*command)
        assert "Traceback" not in done.stderr, done.stderr
        found += leaks(" ".join(command[:3]), done.stdout + done.stderr)
    proxy.close()
    found += leaks("Valkey", everything_in(valkey))
    found += leaks("the tables", everything_in_tables(database))
    pages = [path for path in quick_desk.folder.rglob("*") if path.is_file()]
    found += [leak for path in pages for leak in leaks(str(path), path.read_bytes().decode("latin-1"))]
    with serve(ApiContext(settings, database, valkey)) as api:
        for path in ("/v1/feeds", "/v1/feeds/1", "/v1/feeds/2", f"/v1/explain?url={feed}", "/v1/articles", "/v1/stats"):
            found += leaks(path, api.get(path).text)
    assert found == []

    asked = [seen for seen in web.log if seen.path in ("/feed.xml", "/1.html", "/refused.xml")]
    assert {seen.path for seen in asked} == {"/feed.xml", "/1.html", "/refused.xml"}
    assert all(SECRETS["both as sent"] in seen.headers["authorization"] for seen in asked)
    assert all(seen.headers["cookie"] == f"sid={SECRETS['cookie']}" for seen in asked)
    told = {headers.get("proxy-authorization") for _, headers in proxy.requests}
    assert told == {f"Basic {SECRETS['proxy password as sent']}"}


def test_what_is_set_is_shown_masked_merged_and_forgotten(quick_desk: Desk) -> None:
    quick_desk.environment["WIREDESK_FEED_PASSWORD"] = "one"
    assert quick_desk.json("feeds", "add", "https://news.example/feed")["added"] == 1
    assert quick_desk.json("feeds", "set", "1")["origin"] is None
    first = quick_desk.json("feeds", "set", "1", "--header", "X-Key: a", "--header", "Accept: b", "--user", "me")
    assert first == {
        "feed": 1,
        "url": "https://news.example/feed",
        "origin": "https://news.example",
        "headers": {"X-Key": "***", "Accept": "***"},
        "cookies": {},
        "user": "***",
        "proxy": None,
        "for_pages": False,
    }
    second = quick_desk.json("feeds", "set", "https://news.example/feed", "--header", "x-key: c", "--for-pages")
    assert second == first | {"headers": {"Accept": "***", "x-key": "***"}, "for_pages": True}
    assert quick_desk.json("feeds", "set", "1") == second
    assert quick_desk.json("feeds", "set", "1", "--no-for-pages", "--cookie", "a=b")["cookies"] == {"a": "***"}
    cleared = quick_desk.json("feeds", "set", "1", "--clear", "--proxy", "http://me:secret@proxy.example:3128")
    assert cleared["proxy"] == "http://***@proxy.example:3128"
    assert (cleared["headers"], cleared["user"]) == ({}, None)
    assert quick_desk.json("feeds", "set", "1", "--clear")["origin"] is None


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_a_password_may_come_from_a_file_or_from_stdin(
    quick_desk: Desk, database: Database, tmp_path: Path, way: str
) -> None:
    quick_desk.json("feeds", "add", "https://news.example/feed")
    path = tmp_path / "password"
    path.write_text("g3h3im\n")
    option = ["--password-file", str(path)] if way == "file" else []
    subprocess.run(
        quick_desk.command("feeds", "set", "1", "--user", "me", *option),
        env=quick_desk.environment,
        input="g3h3im\n",
        text=True,
        check=True,
        capture_output=True,
        timeout=60,
    )
    with database.transaction() as connection:
        row = connection.execute("SELECT username, password FROM feed_requests").fetchone()
    assert row == {"username": "me", "password": "g3h3im"}


def test_what_cannot_be_set_is_told_in_one_line_and_changes_nothing(quick_desk: Desk) -> None:
    assert quick_desk.json("feeds", "add", "https://news.example/feed")["added"] == 1
    for options in (
        ("--header", "Host: x"),
        ("--cookie", "a=b; c"),
        ("--user", "a:b", "--password-file", "/dev/null"),
        ("--user", "me", "--password-file", "/nowhere"),
        ("--password-file", "/dev/null"),
        ("--proxy", "https://proxy.example"),
    ):
        done = quick_desk.run("feeds", "set", "1", "--for-pages", *options)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1), done.stderr
    assert quick_desk.json("feeds", "set", "1")["origin"] is None


def test_a_feed_that_has_moved_must_be_set_anew(quick_desk: Desk, database: Database) -> None:
    quick_desk.json("feeds", "add", "https://news.example/feed")
    quick_desk.json("feeds", "set", "1", "--header", "X-Key: a")
    with database.transaction() as connection:
        connection.execute("UPDATE feeds SET url = 'https://moved.example/feed'")
    done = quick_desk.run("feeds", "set", "1", "--header", "X-Key: b")
    assert done.returncode == 1
    assert (
        "what is set is for https://news.example, the feed is now at https://moved.example: add --clear" in done.stderr
    )
    assert quick_desk.json("feeds", "set", "1", "--clear", "--header", "X-Key: b")["origin"] == "https://moved.example"
