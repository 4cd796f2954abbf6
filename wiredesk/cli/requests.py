"""``wiredesk feeds set``: what is sent along with a feed's requests."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wiredesk.cli.common import DataOption, FeedArgument, JsonOption, desk, print_json, say, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from shared.ledger.requests import FeedRequests

PASSWORD_VARIABLE = "WIREDESK_FEED_PASSWORD"  # noqa: S105 - the name of one
PASSWORD_MAX_BYTES = 8192
MASK = "***"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="set")(set_)


def set_(
    feed: FeedArgument,
    header: Annotated[list[str] | None, typer.Option(help="Header to send, as 'Name: value'.")] = None,
    cookie: Annotated[list[str] | None, typer.Option(help="Cookie to send, as NAME=VALUE.")] = None,
    user: Annotated[str | None, typer.Option(help="User name for basic authentication.")] = None,
    password_file: Annotated[
        str | None,
        typer.Option(help=f"File with the password, - for stdin; else {PASSWORD_VARIABLE}, or it is asked for."),
    ] = None,
    proxy: Annotated[str | None, typer.Option(help="Proxy, as http://USER:PASSWORD@HOST:PORT.")] = None,
    for_pages: Annotated[
        bool | None,
        typer.Option("--for-pages/--no-for-pages", help="Send it with the feed's pages of its own site too."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="First forget what was set before.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set what is sent along with a feed's requests, to its own site only, and show it with the values masked."""
    from shared.errors import UsageError
    from shared.ledger import feeds as registry
    from shared.ledger import requests
    from shared.reading.feeds import get_feed, resolve_feed

    if password_file is not None and user is None:
        raise UsageError("--password-file belongs to a --user")
    given = header or cookie or user is not None or proxy is not None or for_pages is not None
    password = _password(password_file) if user is not None else None
    with desk(data) as opened:
        connection = opened.connection
        feed_id = resolve_feed(connection, feed)
        about = get_feed(connection, feed_id, polls=0) or {}
        if clear:
            requests.clear(connection, feed_id)
        found = requests.of_feed(connection, feed_id)
        if given:
            found = _merged(found, about["url"], header or [], cookie or [], user, password, proxy)
            found = found if for_pages is None else replace(found, for_pages=for_pages)
            requests.save(connection, feed_id, found)
        if given or clear:
            # What failed for want of it may have been put off for long.
            registry.poll_now(connection, [feed_id])
    shown = {"feed": feed_id, "url": about["url"], **_masked(found)}
    if as_json:
        print_json(shown)
    else:
        _print(shown, is_set=found is not None)


def _merged(
    found: FeedRequests | None,
    url: str,
    headers: list[str],
    cookies: list[str],
    user: str | None,
    password: SecretStr | None,
    proxy: str | None,
) -> FeedRequests:
    from pydantic import SecretStr

    from shared.credentials import Credentials, check_user, origin_text, read_cookie, read_header, read_origin
    from shared.errors import UsageError
    from shared.http import Proxy
    from shared.ledger.requests import FeedRequests

    origin = read_origin(url)
    found = found or FeedRequests(credentials=Credentials(origin=origin))
    if found.origin != origin:
        raise UsageError(
            f"what is set is for {origin_text(found.origin)}, the feed is now at {origin_text(origin)}: add --clear"
        )
    try:
        credentials = replace(
            found.credentials,
            headers=_with(found.credentials.headers, [read_header(text) for text in headers]),
            cookies=dict(found.credentials.cookies) | dict(read_cookie(text) for text in cookies),
        )
        if user is not None:
            check_user(SecretStr(user), password)
            credentials = replace(credentials, username=SecretStr(user), password=password)
        if proxy is not None:
            Proxy.at(proxy)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if credentials.username is not None and "authorization" in map(str.lower, credentials.headers):
        raise UsageError("a user and an Authorization header are two names for one thing: add --clear")
    return replace(found, credentials=credentials, proxy=found.proxy if proxy is None else SecretStr(proxy))


def _with(there: Mapping[str, SecretStr], more: list[tuple[str, SecretStr]]) -> dict[str, SecretStr]:
    """Header fields with others of theirs replaced, whatever the case of their names."""
    new = {name.lower() for name, _ in more}
    return {name: value for name, value in there.items() if name.lower() not in new} | dict(more)


def _password(file: str | None) -> SecretStr:
    """From the file, else from the environment, else from who sits there, else from stdin."""
    from pydantic import SecretStr

    from shared.errors import UsageError

    if file is None and (value := os.environ.get(PASSWORD_VARIABLE)) is not None:
        return SecretStr(value)
    if file is None and sys.stdin.isatty():
        return SecretStr(typer.prompt("Password", hide_input=True, err=True))
    try:
        if file is None or file == "-":
            read = sys.stdin.buffer.read(PASSWORD_MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                read = opened.read(PASSWORD_MAX_BYTES + 1)
        text = read.decode()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError("a password is UTF-8 text") from None
    return SecretStr(text.removesuffix("\n").removesuffix("\r"))


def _masked(found: FeedRequests | None) -> dict[str, Any]:
    from shared.credentials import origin_text, shown

    if found is None:
        return {"origin": None, "headers": {}, "cookies": {}, "user": None, "proxy": None, "for_pages": False}
    credentials = found.credentials
    return {
        "origin": origin_text(found.origin),
        "headers": dict.fromkeys(credentials.headers, MASK),
        "cookies": dict.fromkeys(credentials.cookies, MASK),
        "user": MASK if credentials.username is not None else None,
        "proxy": shown(found.proxy.get_secret_value()) if found.proxy is not None else None,
        "for_pages": found.for_pages,
    }


def _print(found: dict[str, Any], *, is_set: bool) -> None:
    if not is_set:
        say(f"nothing is sent along with the requests for {found['url']}")
        return
    rows = [["feed", f"{found['feed']}  {found['url']}"], ["for", found["origin"]]]
    rows += [["header", f"{name}: {MASK}"] for name in found["headers"]]
    rows += [["cookie", f"{name}={MASK}"] for name in found["cookies"]]
    rows += [["user and password", MASK]] if found["user"] else []
    rows += [["proxy", found["proxy"]]] if found["proxy"] else []
    rows.append(["with its pages too", "yes" if found["for_pages"] else "no"])
    table(None, ["", ""], rows)
