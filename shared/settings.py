"""The settings: one place, environment variables with the prefix ``WIREDESK_``, secrets also as files.

A secret may stand in a file under ``/run/secrets`` named like its variable in lower case
(``wiredesk_database_url``), which is where Docker and Kubernetes mount them.
"""

from __future__ import annotations

import os
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.credentials import shown
from shared.errors import ConfigurationError

SECRETS_DIRECTORY = Path("/run/secrets")
MIB = 1024 * 1024


def _networks(value: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was set
    if isinstance(value, str):
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    return value


def _upper(value: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was set
    return value.upper() if isinstance(value, str) else value


def _robots(value: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was set
    """What the setting was before it had three values still means what it meant."""
    words = {"true": "honour", "1": "honour", "yes": "honour", "false": "off", "0": "off", "no": "off"}
    return words.get(str(value).lower(), value.lower() if isinstance(value, str) else value)


def _base_url(value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in value:
        raise ValueError("must be a web address such as https://desk.example")
    return value.rstrip("/")


LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]


class Settings(BaseSettings):
    """Everything an operator may set. Sizes in bytes unless named otherwise, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="WIREDESK_",
        frozen=True,
        extra="ignore",
        secrets_dir=SECRETS_DIRECTORY if SECRETS_DIRECTORY.is_dir() else None,
    )

    data: Path = Field(Path("wiredesk-data"), description="Folder of the embedded engines and the page store.")
    redis_url: str | None = Field(None, description="Valkey or Redis; embedded when not set.")
    database_url: str | None = Field(None, description="PostgreSQL; embedded when not set.")
    page_store: str | None = Field(None, description="Folder or bucket URL (s3://, gs://, az://); default DATA/pages.")

    user_agent: str = Field(
        "Wiredesk/0.1 (+https://github.com/wiredesk/wiredesk)",
        # What a header may hold, so that a stray line break is not noticed only by every request failing.
        pattern=r"^[\x20-\x7e]+$",
        description="Sent with requests.",
    )
    allowed_networks: Networks = Field((), description="Networks outside the public internet that may be fetched from.")
    fetch_concurrency: int = Field(32, ge=1, le=512, description="Requests in flight in one fetcher process.")
    fetcher_memory_mib: int = Field(
        1536, ge=64, description="A fetcher that takes more, in MiB, ends after its requests, to be started anew."
    )
    connect_timeout_seconds: float = Field(10, gt=0, description="For name resolution and connecting.")
    read_timeout_seconds: float = Field(20, gt=0, description="Longest silence of a server.")
    deadline_seconds: float = Field(60, gt=0, description="For a whole request, redirects included.")
    max_redirects: int = Field(10, ge=0, le=30, description="Hops followed.")
    feed_max_bytes: int = Field(10 * MIB, ge=1024, description="Cap of a decoded feed.")
    page_max_bytes: int = Field(10 * MIB, ge=1024, description="Cap of a decoded page.")
    feed_max_entries: int = Field(2000, ge=1, description="Entries read of one feed document, the newest.")
    sitemap_max_entries: int = Field(50_000, ge=1, description="Addresses read of one sitemap, the newest.")
    sitemap_max_age_days: int = Field(30, ge=1, description="Older addresses of a sitemap are skipped, and counted.")
    http2: bool = Field(True, description="Speak HTTP/2 with sites that offer it.")
    proxy: SecretStr | None = Field(
        None, description="HTTP proxy for all requests to sites, as http://USER:PASSWORD@HOST:PORT."
    )

    site_interval_seconds: float = Field(1.0, ge=0, description="Least time between two requests to one site.")
    site_concurrency: int = Field(2, ge=1, description="Requests at once to one site.")
    sites_file: Path | None = Field(None, description="TOML file with budgets and parser rules of single sites.")
    poll_floor_seconds: int = Field(600, ge=1, description="Shortest time between two polls of a feed.")
    poll_ceiling_seconds: int = Field(86_400, ge=1, description="Longest time between two polls of a working feed.")
    page_attempts: int = Field(5, ge=1, description="Tries of a page before the entry has failed.")
    page_retry_seconds: float = Field(60, gt=0, description="Wait before the second try of a page; then four times it.")
    robots: Annotated[Literal["honour", "record", "off"], BeforeValidator(_robots)] = Field(
        "honour", description="honour robots.txt, only record what it says, or off: do not ask for it."
    )
    ai_opt_out: Literal["record", "honour"] = Field(
        "record", description="What noai and TDM reservations do: record on the article, or honour: reject it."
    )

    fetch_lease_seconds: int = Field(180, ge=1, description="After this a poll or download counts as lost.")
    parse_lease_seconds: int = Field(120, ge=1, description="After this a parse counts as lost.")
    parse_attempts: int = Field(3, ge=1, description="Lost parses of one page before it is rejected.")
    parse_timeout_seconds: int = Field(30, ge=1, description="A parse that takes longer ends its worker process.")
    parser_processes: int = Field(0, ge=0, description="Parser processes of `up`; 0: one per core.")
    parser_memory_mib: int = Field(1536, ge=256, description="Address space of a parser beyond its start, in MiB.")
    parser_max_jobs: int = Field(2000, ge=1, description="Pages after which a parser process is replaced.")

    job_keep_seconds: int = Field(600, ge=0, description="How long a finished job stays visible.")
    failed_job_keep_seconds: int = Field(604_800, ge=1, description="How long a failed job stays visible.")
    queue_limit: int = Field(2000, ge=1, description="Jobs waiting in one queue beyond which no more are issued.")
    stream_length: int = Field(100_000, ge=1, description="Events kept in the stream; older ones are read over HTTP.")
    stream_bytes: int = Field(
        200 * MIB, ge=MIB, description="Memory that the stream may take, and a quarter of Valkey's maxmemory at most."
    )

    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8700, ge=0, le=65535, description="Port of API and console.")
    dashboard_host: str = Field("127.0.0.1", description="Address rq-dashboard listens on.")
    dashboard_port: int = Field(9181, ge=0, le=65535, description="Port of rq-dashboard.")
    dashboard_url: str | None = Field(None, description="Where a browser finds rq-dashboard, for the console's link.")
    dashboard_password: str | None = Field(None, description="Basic-auth password of rq-dashboard (user wiredesk).")
    public_url: Annotated[str | None, AfterValidator(_base_url)] = Field(
        None, description="Where the internet reaches the API, for WebSub callbacks; no push when not set."
    )
    read_token: str | None = Field(None, description="Bearer token that reads need; open when not set.")

    log_level: LogLevel = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="json, console, or auto: console on a terminal."
    )

    @model_validator(mode="after")
    def _floor_is_below_ceiling(self) -> Self:
        if self.poll_floor_seconds > self.poll_ceiling_seconds:
            raise ValueError(
                f"WIREDESK_POLL_FLOOR_SECONDS ({self.poll_floor_seconds}) must not exceed "
                f"WIREDESK_POLL_CEILING_SECONDS ({self.poll_ceiling_seconds})"
            )
        return self

    @property
    def page_store_location(self) -> str:
        """Folder or URL of the page store."""
        return self.page_store or str(self.data / "pages")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read once.

    :raises ConfigurationError: naming the variable and what is wrong with it.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError(_one_line(error)) from None


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    name = "WIREDESK_" + "_".join(str(part) for part in first["loc"]).upper()
    got = f" (got {shown(os.environ[name])!r})" if name in os.environ else ""
    return f"{name}: {message}{got}"
