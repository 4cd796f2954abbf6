"""Walls against robots are named only where their makers' own header fields say so."""

from __future__ import annotations

import pytest

from shared.http import Headers, Response


def wall(status: int, *fields: tuple[str, str]) -> str | None:
    return Response(status=status, url="https://news.example/", headers=Headers(fields), body=b"").bot_wall


@pytest.mark.parametrize(
    ("status", "name", "value", "vendor"),
    [
        (403, "CF-Mitigated", "challenge", "Cloudflare"),
        (503, "cf-mitigated", "challenge", "Cloudflare"),
        (202, "x-amzn-waf-action", "challenge", "AWS WAF"),
        (405, "x-amzn-waf-action", "captcha", "AWS WAF"),
        (429, "x-vercel-mitigated", "challenge", "Vercel"),
        (403, "x-dd-b", "2", "DataDome"),
        (403, "X-Sucuri-Block", "EXPVP4", "Sucuri"),
    ],
)
def test_a_wall_is_known_by_its_maker_s_field(status: int, name: str, value: str, vendor: str) -> None:
    assert wall(status, ("Server", "x"), (name, value)) == vendor


@pytest.mark.parametrize(
    ("status", "name", "value"),
    [
        (403, "Server", "cloudflare"),
        (403, "CF-RAY", "8f00-FRA"),
        (503, "cf-mitigated", ""),
        (200, "x-datadome", "protected"),
        (200, "x-dd-b", "1"),
        (200, "x-sucuri-id", "12006"),
        (403, "Server", "AkamaiGHost"),
        (403, "x-iinfo", "10-1-0 NNNN"),
        (200, "content-security-policy", "script-src challenges.cloudflare.com datadome.co"),
        (403, "Set-Cookie", "datadome=x"),
    ],
)
def test_what_is_not_certain_is_no_wall(status: int, name: str, value: str) -> None:
    assert wall(status, (name, value)) is None
