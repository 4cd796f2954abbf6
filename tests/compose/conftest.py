"""The Compose stack of the tests: built, brought up as a project of its own, and always taken down again."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wiredesk.demo import load_papers

ROOT = Path(__file__).parents[2]
ENGINE = ROOT.parent / "shared" / "docker" / "engine"
# A traceback is one line of JSON.
LONGEST_LINE = 4000
# Nothing of a developer's own settings may reach the stack.
BASE = {name: value for name, value in os.environ.items() if not name.startswith(("WIREDESK_", "COMPOSE_"))}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "compose: needs a Docker engine and WIREDESK_COMPOSE_TEST=1")


class Stack:
    """A project of ``compose.yaml`` and ``compose/test.yaml``."""

    def __init__(self, docker_environment: dict[str, str], secrets: Path) -> None:
        self.last_words = ""
        self.project = f"wiredesk-test-{os.getpid()}"
        self.secrets = secrets
        self.image = f"{self.project}:latest"
        self.names = secrets.with_name("names.json")
        self.names.write_text(json.dumps(names_of_the_web()))
        self.environment = {
            **docker_environment,
            "WIREDESK_IMAGE": self.image,
            "WIREDESK_SECRETS": str(secrets),
            "WIREDESK_ENV_FILE": str(secrets / "no-such-file"),
            "WIREDESK_API_PUBLISH": "127.0.0.1:",
            "WIREDESK_DASHBOARD_PUBLISH": "127.0.0.1:",
            "WIREDESK_HEALTH_INTERVAL": "5s",
        }

    def docker(self, *arguments: str, seconds: float = 60, check: bool = True, text: str | None = None) -> str:
        """Run ``docker``; returns its stdout."""
        done = subprocess.run(
            ["docker", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if check and done.returncode:
            said = f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
            raise AssertionError(f"docker {shlex.join(arguments)} ended with {done.returncode}:\n{said}")
        return done.stdout

    def compose(self, *arguments: str, seconds: float = 120, check: bool = True, text: str | None = None) -> str:
        """Run ``docker compose`` on the project; returns its stdout."""
        files = [
            "--ansi",
            "never",
            "--env-file",
            os.devnull,
            "-f",
            "compose.yaml",
            "-f",
            "compose/test.yaml",
            "-f",
            str(self.names),
        ]
        return self.docker("compose", "-p", self.project, *files, *arguments, seconds=seconds, check=check, text=text)

    def wiredesk(self, *arguments: str, text: str | None = None) -> str:
        """Run a command in the API's container, as an operator would."""
        return self.compose("exec", "-T", "api", "wiredesk", *arguments, text=text)

    def containers(self, *services: str) -> list[dict[str, Any]]:
        """What ``docker inspect`` says of the containers, of all services or of some."""
        ids = self.compose("ps", "-a", "-q", *services).split()
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids))
        return found

    def network(self, name: str) -> dict[str, Any]:
        """What ``docker network inspect`` says."""
        found: dict[str, Any] = json.loads(self.docker("network", "inspect", f"{self.project}_{name}"))[0]
        return found

    def get(self, service: str, port: int, path: str, *, password: str | None = None) -> tuple[int, Any]:
        """Status and JSON of a page, through the port that is published on this host."""
        address = self.compose("port", service, str(port)).strip()
        request = urllib.request.Request(f"http://{address}{path}")
        if password is not None:
            request.add_header("Authorization", f"Basic {b64encode(f'wiredesk:{password}'.encode()).decode()}")
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None

    def up(self) -> None:
        """Bring everything up, two parsers and two fetchers, and wait until all are healthy."""
        # First the web alone: with it comes the network whose addresses the fetcher is then allowed.
        self.compose("up", "-d", "--no-build", "web")
        self.environment["WIREDESK_TEST_OUTSIDE"] = self.network("outside")["IPAM"]["Config"][0]["Subnet"]
        self.compose("up", "-d", "--no-build", "--scale", "parser=2", "--scale", "fetcher=2", seconds=180)
        self.wait_healthy()

    def wait_healthy(self) -> None:
        """Wait until every container that has a health check is healthy, and no other one has failed."""

        def sick() -> list[str]:
            return [
                f"{container['Name']}: {state['Status']}, {json.dumps(state.get('Health'))}"
                for container in self.containers()
                for state in [container["State"]]
                if state.get("Health", {}).get("Status", "healthy") != "healthy"
                or (state["Status"] == "exited" and state["ExitCode"] != 0)
                or state["Status"] == "restarting"
            ]

        self.wait_until(lambda: not sick(), seconds=90, why=lambda: "\n".join(sick()))

    def wait_until(self, done: Callable[[], bool], *, seconds: float, why: Callable[[], object]) -> None:
        """Look twice a second until ``done``; the failure says ``why`` not."""
        until = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < until, f"not within {seconds} s: {why()}"
            time.sleep(0.5)

    def words(self) -> str:
        """How the containers stand, and the end of what each of them says."""
        said = self.compose("logs", "--no-color", "--tail", "40", check=False).splitlines()
        return "\n".join([self.compose("ps", "-a", check=False), *(line[:LONGEST_LINE] for line in said)])

    def down(self) -> None:
        """Take everything away: containers, networks, volumes, the image. What was said last is kept."""
        self.last_words = self.words()
        try:
            self.compose("down", "-v", "--remove-orphans", "-t", "5", seconds=180)
        finally:
            self.docker("image", "rm", "-f", self.image, check=False)


STACK = pytest.StashKey[Stack]()


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack; skipped where none can run."""
    if os.environ.get("WIREDESK_COMPOSE_TEST") != "1":
        pytest.skip("takes minutes and a Docker engine: make compose-test")
    stack = Stack(docker_environment(), tmp_path_factory.mktemp("compose") / "secrets")
    subprocess.run(["sh", "compose/secrets.sh", str(stack.secrets)], cwd=ROOT, check=True, capture_output=True)
    request.config.stash[STACK] = stack
    try:
        stack.compose("build", "migrate", seconds=900)
        stack.up()
        yield stack
    finally:
        stack.down()


def names_of_the_web() -> dict[str, Any]:
    """A Compose file by which Docker's name server knows every site of the sample newspapers."""
    sites = sorted({f"{name}.test" for name in ("demo", *(paper.site for paper in load_papers()))})
    return {"services": {"web": {"networks": {"outside": {"aliases": sites}}}}}


def docker_environment() -> dict[str, str]:
    """The environment in which ``docker`` finds an engine: this one, or that of the shared engine where it runs."""
    shared = dict(BASE)
    if ENGINE.exists():
        lines = subprocess.run([str(ENGINE), "env"], check=True, capture_output=True, text=True).stdout
        shared |= dict(word.split("=", 1) for word in shlex.split(lines) if "=" in word)
    trouble = ""
    for environment in (BASE, shared):
        try:
            for command in (["docker", "version"], ["docker", "compose", "version"]):
                subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.SubprocessError) as error:
            trouble = str(getattr(error, "stderr", None) or error).strip().splitlines()[-1]
        else:
            return environment
    pytest.skip(f"no Docker engine with Compose answers: {trouble}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Put the services' last words beside the first failure."""
    report = yield
    stack = item.config.stash.get(STACK, None)
    if report.failed and stack is not None:
        del item.config.stash[STACK]
        report.sections.append(("docker compose", stack.last_words or stack.words()))
    return report
