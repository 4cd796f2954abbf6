"""The address corpus: nothing that is not of the public web ever hears from us, by whichever way it is asked for."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_network
from typing import Any

import pytest

from shared.errors import FetchError
from shared.http import GuardedClient, Proxy

from .conftest import Clients, Serve, Site, reply
from .proxy_site import ProxySite

FIRST = (ip_network("127.0.0.1/32"),)
NAMES = {
    "private.example": ["10.0.0.1"],
    "loop.example": ["127.0.0.2", "::1"],
    "metadata.example": ["169.254.169.254"],
    "mapped.example": ["::ffff:127.0.0.2"],
    "nat64.example": ["64:ff9b::7f00:2"],
    "link.example": ["fe80::1%eth0"],
    "all.example": ["0.0.0.0", "192.168.1.1", "fd00::1", "ff02::1"],
    "xn--bcher-kva.example": ["172.16.0.1"],
}
BLOCKED = [
    # private, loopback, link-local, metadata, this host, multicast, broadcast
    *("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.2", "127.255.255.254", "169.254.1.1"),
    *("169.254.169.254", "168.63.129.16", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.0.192"),
    *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[2002:7f00:1::]"),
    # IPv4 inside IPv6
    *("[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[::7f00:2]"),
    *("[64:ff9b::7f00:2]", "[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:2]"),
    # the spellings of one address
    *(
        "2130706434",
        "0x7f000002",
        "017700000002",
        "0x7f.2",
        "0177.0.0.2",
        "127.2",
        "127.0.2",
        "0x7F.0X0.0x0.0x2",
        "127.0.0.0x",
    ),
    *("0", "167772161", "0xa9fea9fe", "2852039166", "127.0.0.2.", "0x7f000002.", "%31%32%37.0.0.2"),
    # names
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "a.localhost.", *NAMES, "private.example."),
    # other scripts: full-width digits, circled letters, an ideographic full stop
    *("\uff11\uff12\uff17.0.0.2", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", "127\u30020\u30020\u30022"),
    "b\u00fccher.example",
]
IMPOSSIBLE = [
    *(
        "user:secret@127.0.0.2",
        "news.example@127.0.0.2",
        "127.0.0.2@news.example",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
    ),
    *("256.0.0.1", "1.2.3.4.5", "0x1ffffffff", "[::1", "::1", "127.0.0.2\\.news.example", "a..b"),
]

Ask = Callable[[GuardedClient, str], object]
WAYS: dict[str, Ask] = {
    "get": lambda client, url: client.get(url, max_bytes=100),
    "post": lambda client, url: client.post(url, data={"a": "b"}, max_bytes=100),
}


class Recorder:
    """Every address that any socket of this process turns to, as the interpreter itself reports it."""

    def __init__(self) -> None:
        self.on = False
        self.addresses: list[Any] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            self.addresses.append(arguments[1])


recorder = Recorder()
sys.addaudithook(recorder)  # Never taken away again, so it listens only while `connects` does.


@pytest.fixture
def connects() -> Iterator[list[Any]]:
    recorder.addresses.clear()
    recorder.on = True
    yield recorder.addresses
    recorder.on = False


@pytest.fixture
def inside(serve: Serve) -> Iterator[list[Site]]:
    """Sites that would answer, on the inner addresses that this machine has."""
    sites = [serve(lambda _: reply(body=b"secret"), host=host) for host in ("127.0.0.2", "::1")]
    yield sites
    assert [site.connections for site in sites] == [0, 0]


@pytest.fixture
def proxy() -> Iterator[ProxySite]:
    proxy = ProxySite()
    yield proxy
    proxy.close()


def resolve(host: str) -> Sequence[str]:
    if host not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return NAMES[host]


def refusal(ask: Ask, client: GuardedClient, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        ask(client, url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("through", ["directly", "through a proxy"])
@pytest.mark.usefixtures("inside")
def test_nothing_is_sent_to_an_inner_address(
    client_with: Clients, proxy: ProxySite, connects: list[Any], inside: list[Site], way: str, through: str
) -> None:
    client = client_with(allowed_networks=(), resolver=resolve)
    if through != "directly":
        client = client.through(Proxy.at(proxy.url("user:secret@")))
    for host in BLOCKED:
        for scheme in ("http", "https"):
            for port in (80, inside[0].port):
                url = f"{scheme}://{host}:{port}/latest/meta-data/"
                expected = "bad_url" if "%" in host else "blocked_address"
                assert refusal(WAYS[way], client, url) == expected, url
    for host in IMPOSSIBLE:
        assert refusal(WAYS[way], client, f"http://{host}/") == "bad_url", host
    assert connects == []
    assert proxy.connections == 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("through", ["directly", "through a proxy"])
def test_nothing_is_sent_where_a_redirect_leads_inside(
    client_with: Clients,
    serve: Serve,
    proxy: ProxySite,
    connects: list[Any],
    inside: list[Site],
    way: str,
    through: str,
) -> None:
    status = 302 if way == "get" else 307
    hosts = [*BLOCKED, *IMPOSSIBLE]

    def answer(request: Any) -> bytes:
        location = f"http://{hosts[int(request.target[1:])]}:{inside[0].port}/admin"
        return f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()

    outside = serve(answer)
    client = client_with(allowed_networks=FIRST, resolver=resolve)
    if through != "directly":
        client = client.through(Proxy.at(proxy.url()))
    for number, host in enumerate(hosts):
        if host.lower().rstrip(".").endswith("localhost") or host.startswith("\u24db"):
            continue  # opened, with 127.0.0.1, for the site that redirects
        reason = refusal(WAYS[way], client, outside.url(f"/{number}"))
        assert reason in ("blocked_address", "bad_redirect"), host
        assert reason == "bad_redirect" or host in BLOCKED, host
    known = {outside.port, proxy.port}
    assert {port for _, port in connects} <= known
    assert {host for host, _ in connects} == {"127.0.0.1"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("through", ["directly", "through a proxy"])
def test_nothing_is_sent_where_the_second_answer_of_a_name_server_leads_inside(
    client_with: Clients, serve: Serve, proxy: ProxySite, inside: list[Site], way: str, through: str
) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["169.254.169.254"]])
    outside = serve(lambda _: [reply(), b""])
    client = client_with(allowed_networks=FIRST, resolver=lambda _: next(answers))
    if through != "directly":
        client = client.through(Proxy.at(proxy.url()))
    WAYS[way](client, outside.url(host="rebinding.example"))
    asked = len(outside.requests)
    for _ in range(2):
        # Another port is another connection, and so another look at the name.
        url = f"http://rebinding.example:{inside[0].port}/"
        assert refusal(WAYS[way], client, url) == "blocked_address"
    assert len(outside.requests) == asked == 1
