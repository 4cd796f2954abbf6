"""``docker compose up --scale parser=2 --scale fetcher=2``: locked down, and it reads a feed list to the end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wiredesk.demo import load_papers
from wiredesk.demo.build import Expected, expect

if TYPE_CHECKING:
    from tests.compose.conftest import Stack

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

OURS = ("migrate", "scheduler", "fetcher", "parser", "indexer", "api", "dashboard")
RUNNING = OURS[1:]
ALL = (*OURS, "valkey", "postgres")
PUBLISHED = ("api", "dashboard")
READ_LIST = "import urllib.request as u; print(u.urlopen('http://demo.test/feeds.opml', timeout=5).read().decode())"

CONNECT = """
import socket, sys
for address in sys.argv[1:]:
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), 3).close()
        print(address)
    except OSError:
        pass
"""
# What a parser that a page took over could ask of Valkey: the replies, an error by its first word.
ASK_VALKEY = """
import json, sys
import redis
from shared import queues
from shared.settings import get_settings
client = queues.connect(get_settings().redis_url)
for words in json.loads(sys.argv[1]):
    try:
        print("done" if client.execute_command(*words) is not None else "nothing")
    except redis.exceptions.NoPermissionError:
        print("refused")
"""
# The service's own process: the first child of the init.
KILL_WORKER = """
import os, signal
from pathlib import Path
for stat in Path("/proc").glob("[0-9]*/stat"):
    if stat.read_text().rpartition(")")[2].split()[1] == "1":
        os.kill(int(stat.parent.name), signal.SIGKILL)
"""


def reached(stack: Stack, services: Iterable[str], *addresses: str) -> dict[str, set[str]]:
    """For each service, those of the addresses that its container can connect to."""

    def ask(service: str) -> set[str]:
        return set(stack.compose("exec", "-T", service, "python", "-c", CONNECT, *addresses).split())

    # Most must wait for their three seconds: all at once.
    with ThreadPoolExecutor() as pool:
        return dict(zip(services, pool.map(ask, services), strict=True))


def networks(stack: Stack, service: str) -> set[str]:
    (container, *_) = stack.containers(service)
    return {name.removeprefix(f"{stack.project}_") for name in container["NetworkSettings"]["Networks"]}


def stats(stack: Stack) -> dict[str, Any]:
    status, found = stack.get("api", 8700, "/v1/stats")
    assert status == 200
    del found["workers"]
    return found


def all_articles(stack: Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        status, page = stack.get("api", 8700, f"/v1/articles?limit=100{cursor}")
        assert status == 200
        found += page["articles"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


@pytest.fixture(scope="module")
def books(stack: Stack) -> dict[str, Any]:
    """The account of the demo's feed list, read while a parser and a fetcher are killed."""
    opml = stack.compose("exec", "-T", "web", "python", "-c", READ_LIST)
    stack.wiredesk("feeds", "import", "/dev/stdin", text=opml)
    stack.wait_until(lambda: stats(stack)["entries"]["indexed"] > 0, seconds=60, why=lambda: stats(stack))
    victim = stack.containers("parser")[0]["Id"]
    stack.docker("kill", "--signal", "KILL", victim)
    stack.docker("exec", stack.containers("fetcher")[0]["Id"], "python", "-c", KILL_WORKER)

    def finished() -> bool:
        found = stats(stack)
        _, feeds = stack.get("api", 8700, "/v1/feeds?limit=1000")
        polled = all(feed["last_polled_at"] for feed in feeds["feeds"])
        return polled and not found["entries"]["pending"]

    stack.wait_until(finished, seconds=150, why=lambda: stats(stack))
    return stats(stack)


@pytest.mark.parametrize("service", OURS)
def test_our_containers_are_locked_down(stack: Stack, service: str) -> None:
    for container in stack.containers(service):
        host = container["HostConfig"]
        assert container["Config"]["User"] == "10001:10001"
        assert host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"]
        assert not host["CapAdd"]
        assert host["SecurityOpt"] == ["no-new-privileges:true"]
        assert not host["Privileged"]
        assert host["Memory"] > 0
        assert host["PidsLimit"] > 0
        assert all(mount["RW"] is False or mount["Type"] == "volume" for mount in container["Mounts"])


@pytest.mark.parametrize("service", ["valkey", "postgres"])
def test_the_engines_run_without_root_on_a_read_only_root(stack: Stack, service: str) -> None:
    (container,) = stack.containers(service)
    assert container["HostConfig"]["ReadonlyRootfs"] is True
    assert container["HostConfig"]["CapDrop"] == ["ALL"]
    assert container["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]
    status = stack.compose("exec", "-T", service, "cat", "/proc/1/status")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    assert fields["Uid"].split()[1] != "0"
    assert int(fields["CapEff"], 16) == 0


def test_only_the_two_ports_are_published_and_only_to_this_host(stack: Stack) -> None:
    bindings = {
        (container["Config"]["Labels"]["com.docker.compose.service"], port, binding["HostIp"])
        for container in stack.containers(*ALL)
        for port, found in container["NetworkSettings"]["Ports"].items()
        for binding in found or ()
    }
    assert bindings == {("api", "8700/tcp", "127.0.0.1"), ("dashboard", "9181/tcp", "127.0.0.1")}


def test_passwords_stand_in_no_configuration_and_no_environment(stack: Stack) -> None:
    passwords = [
        (stack.secrets / name).read_text().strip() for name in ("postgres_password", "wiredesk_dashboard_password")
    ]
    passwords += [
        (stack.secrets / name).read_text().split("@")[0].rpartition(":")[2]
        for name in ("wiredesk_redis_url", "wiredesk_parser_redis_url")
    ]
    told = json.dumps(stack.containers()) + stack.compose("config") + stack.docker("history", "--no-trunc", stack.image)
    assert not [password for password in passwords if password in told]


def test_the_parser_may_do_nothing_in_valkey_but_work_on_jobs(stack: Stack) -> None:
    refused = [
        ["CONFIG", "SET", "maxmemory", "1"],
        ["FLUSHALL"],
        ["EVAL", "return 1", "0"],
        ["FUNCTION", "LIST"],
        ["ACL", "SETUSER", "me", "on"],
        ["SHUTDOWN", "NOSAVE"],
        ["REPLICAOF", "203.0.113.1", "6379"],
        ["MIGRATE", "203.0.113.1", "6379", "rq:queues", "0", "1"],
        ["MONITOR"],
        ["KEYS", "*"],
        ["CLIENT", "KILL", "TYPE", "normal"],
        ["PUBLISH", "rq:pubsub:x", "{}"],
        ["XADD", "wiredesk:articles", "*", "type", "forged"],
        ["GET", "wiredesk:token"],
    ]
    asked = [*refused, ["EXISTS", "rq:queues"]]
    said = stack.compose("exec", "-T", "parser", "python", "-c", ASK_VALKEY, json.dumps(asked))
    assert said.split() == [*["refused"] * len(refused), "done"]


def test_services_have_the_secrets_they_need_and_no_others(stack: Stack) -> None:
    given = {
        service: {
            Path(mount["Destination"]).name
            for container in stack.containers(service)
            for mount in container["Mounts"]
            if mount["Destination"].startswith("/run/secrets/")
        }
        for service in ("parser", "dashboard", "valkey", "postgres")
    }
    assert given == {
        "parser": {"wiredesk_redis_url"},
        "dashboard": {"wiredesk_redis_url", "wiredesk_dashboard_password"},
        "valkey": {"valkey_acl"},
        "postgres": {"postgres_password"},
    }


def test_only_the_fetcher_is_on_the_network_that_leads_out(stack: Stack) -> None:
    assert {service: networks(stack, service) for service in ALL} == {
        service: {"inside"}
        | ({"outside"} if service == "fetcher" else set())
        | ({"edge"} if service in PUBLISHED else set())
        for service in ALL
    }
    assert stack.network("inside")["Internal"] is True
    assert stack.network("edge")["Options"]["com.docker.network.bridge.enable_ip_masquerade"] == "false"


def test_only_the_fetcher_reaches_the_news_web(stack: Stack) -> None:
    (web,) = stack.containers("web")
    address = f"{web['NetworkSettings']['Networks'][f'{stack.project}_outside']['IPAddress']}:80"
    assert reached(stack, RUNNING, address, "valkey:6379") == {
        service: {"valkey:6379", address} if service == "fetcher" else {"valkey:6379"} for service in RUNNING
    }


def test_only_the_fetcher_reaches_a_server_beyond_this_host(stack: Stack) -> None:
    goal = os.environ.get("WIREDESK_COMPOSE_OUTSIDE") or _name_server()
    found = reached(stack, RUNNING, goal) if goal else {}
    if not found.get("fetcher"):
        pytest.skip("no server beyond this host is known: WIREDESK_COMPOSE_OUTSIDE=ADDRESS:PORT names one")
    assert [service for service, addresses in found.items() if addresses] == ["fetcher"]


def _name_server() -> str | None:
    """This host's name server, which mostly stands elsewhere and answers on TCP (RFC 7766)."""
    for line in Path("/etc/resolv.conf").read_text().splitlines():
        kind, _, address = line.partition(" ")
        if kind == "nameserver" and ":" not in address and not address.strip().startswith("127."):
            return f"{address.strip()}:53"
    return None


def test_a_health_check_fails_where_the_service_does_not_run(stack: Stack) -> None:
    said = stack.compose("exec", "-T", "parser", "wiredesk-health", "indexer", check=False)
    assert said.strip() == "no heartbeat of a worker"


def test_the_feed_list_is_read_to_the_end(stack: Stack, books: dict[str, Any]) -> None:
    wanted: Expected = expect(load_papers())
    ends = ("discovered", "indexed", "duplicate", "rejected", "failed")
    assert {name: books["entries"][name] for name in ends} == {name: getattr(wanted, name) for name in ends}
    assert books["feeds"]["failing"] == wanted.feeds_failed
    assert len(all_articles(stack)) == wanted.indexed
    audit = json.loads(stack.wiredesk("audit", "--json"))
    assert audit["ok"], audit["problems"]


@pytest.mark.usefixtures("books")
def test_every_article_has_one_event_of_its_creation(stack: Stack) -> None:
    _, page = stack.get("api", 8700, "/v1/events?limit=1000")
    seqs = [event["seq"] for event in page["events"]]
    assert seqs == list(range(1, page["head"] + 1))
    created = [event["subject"] for event in page["events"] if event["type"].endswith("created")]
    assert sorted(created) == sorted({article["id"] for article in all_articles(stack)})


@pytest.mark.usefixtures("books")
def test_a_killed_worker_is_started_again(stack: Stack) -> None:
    assert sum(container["RestartCount"] for container in stack.containers("fetcher")) >= 1


@pytest.mark.usefixtures("books")
def test_the_dashboard_shows_the_queues_to_those_with_the_password(stack: Stack) -> None:
    password = (stack.secrets / "wiredesk_dashboard_password").read_text().strip()
    path = "/0/data/queues.json"
    assert stack.get("dashboard", 9181, path)[0] == 401
    status, found = stack.get("dashboard", 9181, path, password=password)
    assert status == 200
    assert {queue["name"] for queue in found["queues"]} >= {"feeds", "pages", "parse", "index"}


@pytest.mark.usefixtures("books")
def test_the_fetcher_refuses_addresses_inside(stack: Stack) -> None:
    (api,) = stack.containers("api")
    address = api["NetworkSettings"]["Networks"][f"{stack.project}_inside"]["IPAddress"]
    urls = ["http://valkey:6379/feed", f"http://{address}:8700/v1/articles.atom"]
    stack.wiredesk("feeds", "add", *urls)

    def tried() -> list[dict[str, Any]]:
        _, found = stack.get("api", 8700, "/v1/feeds?limit=1000")
        return [feed for feed in found["feeds"] if feed["url"] in urls and feed["last_polled_at"]]

    stack.wait_until(lambda: len(tried()) == len(urls), seconds=30, why=tried)
    assert {feed["last_outcome"] for feed in tried()} == {"failed"}
    assert all("address" in feed["last_error"] for feed in tried()), tried()


@pytest.mark.usefixtures("books")
def test_articles_outlive_a_restart_and_new_containers(stack: Stack) -> None:
    before = {article["id"] for article in all_articles(stack)}
    stack.compose("restart", seconds=180)
    stack.wait_healthy()
    assert {article["id"] for article in all_articles(stack)} == before
    stack.compose("stop", seconds=180)
    # Killed after its grace period, a process would have 137.
    assert {container["Name"]: container["State"]["ExitCode"] for container in stack.containers()} == {
        container["Name"]: 0 for container in stack.containers()
    }
    stack.compose("down", seconds=180)
    stack.up()
    assert {article["id"] for article in all_articles(stack)} == before
    assert json.loads(stack.wiredesk("audit", "--json"))["ok"]
