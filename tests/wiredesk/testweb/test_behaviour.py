"""How a news web behaves, well and badly, and what it notes of those who ask."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from wiredesk.testweb import Answer, Ask, NewsWeb

from .asking import ask, ask_on, connection, wait_for


def test_one_connection_serves_many_requests(web):
    url = web.site("harbour").page("/a", "hello")
    with closing(connection(web)) as client:
        for _ in range(3):
            assert ask_on(client, url).body == b"hello"
            sock = client.sock
            assert sock is not None
        assert client.sock is sock


def test_a_delay_is_kept_on_its_own_site_only(web):
    slow, quick = web.site("slow"), web.site("quick")
    slow.delay(0.5)
    urls = slow.page("/", "x"), quick.page("/", "x")
    for url in urls:
        ask(web, url)
    took = [seen.finished_at - seen.at for seen in web.log]
    assert took[0] >= 0.5 > took[1]


def test_a_broken_answer_ends_before_what_it_announced(web):
    url = web.site("harbour").broken("/cut", body=b"half")
    with closing(connection(web)) as client, pytest.raises(http.client.IncompleteRead) as failure:
        ask_on(client, url)
    assert failure.value.partial == b"half"


def test_a_hanging_path_answers_nothing_until_the_web_closes():
    with NewsWeb() as web:
        site = web.site("harbour")
        site.hang("/hang")
        client = socket.create_connection(("127.0.0.1", web.port), timeout=20)
        client.sendall(f"GET /hang HTTP/1.1\r\nHost: harbour.localhost:{web.port}\r\n\r\n".encode())
        wait_for(lambda: len(web.log) == 1)
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
        assert web.log[0].status is None
        assert web.log[0].finished_at is None
    client.settimeout(5)
    assert client.recv(1) == b""
    client.close()
    assert web.log[0].finished_at is not None


def test_a_slow_loris_sends_byte_by_byte(web):
    url = web.site("loris").slow_loris("/s", pause=0.05, body=b"abcd")
    began = time.monotonic()
    assert ask(web, url).body == b"abcd"
    assert time.monotonic() - began >= 4 * 0.05


def test_a_slow_loris_can_keep_its_headers_back(web):
    web.site("loris").slow_loris("/s", pause=0.1, body=b"abcd", headers_too=True)
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=5)) as client:
        client.sendall(f"GET /s HTTP/1.1\r\nHost: loris.localhost:{web.port}\r\n\r\n".encode())
        assert client.recv(1000) == b"H"


def test_an_endless_page_goes_on_until_the_client_has_had_enough(web):
    url = web.site("harbour").endless("/huge", piece=b"x" * 10_000)
    with closing(connection(web)) as client:
        client.request("GET", "/huge", headers={"Host": urlsplit(url).netloc})
        response = client.getresponse()
        assert response.getheader("content-length") is None
        assert len(response.read(3_000_000)) == 3_000_000
        response.close()
    wait_for(lambda: web.log[0].finished_at is not None)


def test_an_endless_page_has_an_end_all_the_same(web):
    url = web.site("harbour").endless("/huge", piece=b"x" * 1000, most=5000)
    assert len(ask(web, url).body) == 5000


def test_the_log_tells_who_asked_for_what(web):
    url = web.site("harbour").page("/a", "hello")
    ask(web, f"{url}?from=rss", User_Agent="reader/1")
    ask(web, web.site("hills").url("/none"))

    first, second = web.log
    assert (first.site, first.path, first.method, first.status) == ("harbour", "/a?from=rss", "GET", 200)
    assert first.headers["user-agent"] == "reader/1"
    assert first.at <= first.finished_at <= second.at
    assert second.status == 404
    assert web.requests(site="harbour", path="/a") == (first,)
    assert web.requests(path="/a?from=rss") == (first,)
    assert web.requests(path="/a?from=mail") == ()


def test_two_hundred_clients_are_served_at_once(web):
    # Each answer waits for the last of the clients: with one place too few, none would ever get any.
    together = threading.Barrier(200)

    def wait(_: Ask) -> Answer:
        together.wait(timeout=60)
        return Answer(body=b"together")

    urls = [web.site(f"site{number % 20}").answer("/", wait) for number in range(200)]
    with ThreadPoolExecutor(200) as pool:
        bodies = list(pool.map(lambda url: ask(web, url).body, urls))

    assert bodies == [b"together"] * 200
    assert web.most_in_flight() == 200
    assert web.most_in_flight("site3") == 10
    assert all(seen.finished_at is not None for seen in web.log)


def test_a_polite_client_is_never_seen_twice_at_once(web):
    # The next request may arrive before the thread of the last has ended: it must not be counted as a second one.
    url = web.site("harbour").page("/a", "x" * 300_000)
    with closing(connection(web)) as one, closing(connection(web)) as two:
        for _ in range(100):
            assert len(ask_on(one, url).body) == len(ask_on(two, url).body) == 300_000
    assert len(web.log) == 200
    assert web.most_in_flight("harbour") == 1


def test_the_least_gap_is_between_arrivals_at_one_site(web):
    url = web.site("harbour").page("/a", "x")
    other = web.site("hills").page("/a", "x")
    assert web.least_gap("harbour") == float("inf")
    ask(web, url)
    time.sleep(0.2)
    ask(web, other)
    ask(web, url)
    assert 0.2 <= web.least_gap("harbour") < 2


def test_a_closed_web_leaves_no_thread_and_no_open_door():
    before = threading.active_count()
    with NewsWeb() as web:
        url = web.site("harbour").page("/a", "x")
        idle = [connection(web) for _ in range(5)]
        for client in idle:
            ask_on(client, url)
        port = web.port
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError), closing(socket.create_connection(("127.0.0.1", port), timeout=5)):
        pass
    for client in idle:
        client.close()


def test_addresses_exist_inside_the_with_block_only():
    with pytest.raises(RuntimeError, match="with block"):
        NewsWeb().site("harbour").url()
