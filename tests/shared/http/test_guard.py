"""What may be connected to, as a table and against real sockets; the name is resolved once and then believed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from shared.http import GuardedClient
from shared.http.guard import Guard

from .conftest import LOOPBACK, Clients, Serve, failure, reply
from .loopback import server_tls, trusting

ONE = (ip_network("127.0.0.1/32"),)


class Names:
    """A resolver that gives its answers one after the other, then the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1"),
        *("127.255.255.255", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192"),
        *("192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::"),
        *("2002:808:808::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1"),
        *("ff02::1", "ff0e::1", "4000::1"),
    ],
)
def test_addresses_that_are_not_of_the_public_web_are_refused(address: str) -> None:
    assert Guard(()).objection(address, 80)


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1"),
        *("169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "198.17.255.255", "223.255.255.255"),
        *("2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101"),
    ],
)
def test_public_addresses_are_let_through(address: str) -> None:
    assert Guard(()).objection(address, 443) is None


@pytest.mark.parametrize("port", [22, 23, 25, 53, 445, 2375, 3306, 5432, 6000, 6379, 6667, 9200, 11211, 27017])
def test_ports_of_other_services_are_refused(port: int) -> None:
    assert "port" in (Guard(()).objection("1.1.1.1", port) or "")
    assert Guard((ip_network("1.1.1.0/24"),)).objection("1.1.1.1", port) is None


@pytest.mark.parametrize("port", [80, 443, 8080, 8443, 3000, 5000, 8700, 49152])
def test_ports_where_websites_live_are_let_through(port: int) -> None:
    assert Guard(()).objection("1.1.1.1", port) is None


def test_an_opened_network_opens_only_itself() -> None:
    guard = Guard((ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")))
    assert guard.objection("10.1.2.3", 80) is None
    assert guard.objection("::ffff:10.1.2.3", 80) is None
    assert guard.objection("fd00:1::5", 80) is None
    assert guard.objection("10.2.0.1", 80)
    assert guard.objection("fd00:2::5", 80)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"),
        *("localhost", "LOCALHOST.", "a.localhost", "\uff11\uff12\uff17.0.0.1", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"),
    ],
)
def test_no_spelling_of_this_machine_gets_through(client_with: Clients, serve: Serve, host: str) -> None:
    sites = [serve(lambda _: reply()), serve(lambda _: reply(), host="::1")]
    client = client_with(allowed_networks=())
    for site in sites:
        error = failure(client, site.url(host=host))
        assert error.reason == "blocked_address"
        assert site.connections == 0


def test_a_name_that_leads_inside_is_refused(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: reply())
    client = client_with(allowed_networks=(), resolver=Names(["127.0.0.1", "::1"]))
    error = failure(client, site.url(host="news.example"))
    assert error.reason == "blocked_address"
    assert "news.example (127.0.0.1)" in str(error)
    assert site.connections == 0


def test_a_redirect_inside_is_refused(client_with: Clients, serve: Serve) -> None:
    inside = serve(lambda _: reply(body=b"secret"), host="127.0.0.2")
    outside = serve(lambda _: reply(302, Location=inside.url("/admin", host="127.0.0.2")))
    error = failure(client_with(allowed_networks=ONE), outside.url())
    assert (error.reason, error.url) == ("blocked_address", inside.url("/admin", host="127.0.0.2"))
    assert inside.connections == 0


def test_a_name_that_turns_inward_between_check_and_connection_gains_nothing(
    client_with: Clients, serve: Serve
) -> None:
    outside = serve(lambda _: [reply(body=b"news"), b""])
    inside = serve(lambda _: reply(body=b"secret"), host="127.0.0.2")
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    client = client_with(allowed_networks=ONE, resolver=names)
    url = outside.url(host="rebinding.example")
    assert client.get(url, max_bytes=100).body == b"news"
    assert len(names.asked) == 1
    time.sleep(0.05)  # for the site's goodbye to arrive, so that the second request needs a new connection
    assert failure(client, url).reason == "blocked_address"
    assert inside.connections == 0


def test_a_name_with_an_inner_and_an_outer_address_is_fetched_from_outside(client_with: Clients, serve: Serve) -> None:
    outside = serve(lambda _: reply(body=b"news"))
    client = client_with(allowed_networks=ONE, resolver=Names(["10.0.0.1", "127.0.0.1"]))
    assert client.get(outside.url(host="mixed.example"), max_bytes=100).body == b"news"


def test_names_under_localhost_are_never_asked_of_a_name_server(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: reply(body=b"here"))
    names = Names(["10.0.0.1"])
    client = client_with(resolver=names)
    assert client.get(site.url(host="news.localhost"), max_bytes=100).body == b"here"
    assert site.requests[0].headers["host"] == f"news.localhost:{site.port}"
    assert names.asked == []


@pytest.mark.parametrize("address", ["::1", "127.0.0.1"])
def test_an_opened_loopback_is_fetched_from(client: GuardedClient, serve: Serve, address: str) -> None:
    site = serve(lambda _: reply(body=b"here"), host=address)
    host = f"[{address}]" if ":" in address else address
    assert client.get(site.url(host=host), max_bytes=100).body == b"here"
    assert site.requests[0].headers["host"] == f"{host}:{site.port}"


def test_the_next_address_is_tried_when_one_refuses(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: reply(body=b"here"))
    client = client_with(resolver=Names(["127.0.0.9", "127.0.0.8", "127.0.0.1"]))
    assert client.get(site.url(host="many.example"), max_bytes=100).body == b"here"


def test_no_more_than_a_few_addresses_are_tried(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: reply())
    client = client_with(resolver=Names([f"127.0.0.{number}" for number in range(20, 2, -1)] + ["127.0.0.1"]))
    assert failure(client, site.url(host="many.example")).reason == "connect"
    assert site.connections == 0


@pytest.mark.parametrize(
    ("errno", "reason"),
    [(socket.EAI_NONAME, "dns"), (socket.EAI_AGAIN, "dns_temporary"), (socket.EAI_FAIL, "dns")],
)
def test_a_name_that_does_not_resolve_says_whether_to_come_back(client_with: Clients, errno: int, reason: str) -> None:
    def resolver(_: str) -> Sequence[str]:
        raise socket.gaierror(errno, "as the C library says")

    assert failure(client_with(resolver=resolver), "http://gone.example/").reason == reason


def test_a_name_without_addresses_does_not_resolve(client_with: Clients) -> None:
    assert failure(client_with(resolver=Names([])), "http://gone.example/").reason == "dns"


def test_a_name_server_that_hangs_costs_the_connect_timeout(client_with: Clients) -> None:
    over = threading.Event()

    def resolver(_: str) -> Sequence[str]:
        over.wait(10)
        return ["127.0.0.1"]

    began = time.monotonic()
    error = failure(client_with(resolver=resolver, connect_timeout_seconds=0.2), "http://slow.example/")
    over.set()
    assert error.reason == "dns_temporary"
    assert time.monotonic() - began < 5


def test_a_site_that_never_takes_a_connection_costs_the_connect_timeout(client_with: Clients) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as first, socket.socket() as second:
        for waiting in (first, second):  # fill the queue, so that the kernel drops what comes next
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        assert failure(client_with(connect_timeout_seconds=0.3), url).reason == "connect_timeout"


def test_https_is_verified_against_the_name_and_reused(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: reply(body=b"secure"), tls=server_tls())
    client = client_with(resolver=Names(["127.0.0.1"]), tls=trusting())
    for _ in range(3):
        assert client.get(site.url(host="news.test"), max_bytes=100).body == b"secure"
    assert site.connections == 1


def test_a_certificate_for_another_name_is_refused(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: reply(), tls=server_tls())
    client = client_with(resolver=Names(["127.0.0.1"]), tls=trusting())
    error = failure(client, site.url(host="other.test"))
    assert error.reason == "tls"
    assert "other.test" in str(error)
    assert site.requests == []


def test_a_certificate_nobody_vouches_for_is_refused(client_with: Clients, serve: Serve) -> None:
    site = serve(lambda _: reply(), tls=server_tls())
    assert failure(client_with(resolver=Names(["127.0.0.1"])), site.url(host="news.test")).reason == "tls"


def test_a_server_without_tls_behind_https_is_a_tls_error(client: GuardedClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer() -> None:
            accepted, _ = plain.accept()
            with accepted:
                accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                accepted.recv(10_000)

        answering = threading.Thread(target=answer)
        answering.start()
        error = failure(client, f"https://127.0.0.1:{plain.getsockname()[1]}/")
        answering.join()
    assert error.reason == "tls"


def test_a_handshake_that_never_ends_costs_the_connect_timeout(client_with: Clients) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = client_with(connect_timeout_seconds=0.3, allowed_networks=LOOPBACK)
        assert failure(client, f"https://127.0.0.1:{silent.getsockname()[1]}/").reason == "connect_timeout"
