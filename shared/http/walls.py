"""Walls against robots, known by the header fields that their makers document: nothing is read into a page's text."""

from __future__ import annotations

from collections.abc import Callable, Mapping


def bot_wall(status: int, headers: Mapping[str, str]) -> str | None:
    """Who keeps robots out with this answer, or ``None`` where it does not certainly say so.

    Only what cannot be anything else: a name in ``Server`` says who delivers a site, not that it refuses. Akamai,
    Imperva and HUMAN have no such sign; their refusals stay what their status says.
    """
    return next((vendor for vendor, is_it in _SIGNS if is_it(status, headers)), None)


def _said(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name, "").strip().lower()


_SIGNS: tuple[tuple[str, Callable[[int, Mapping[str, str]], bool]], ...] = (
    # developers.cloudflare.com, "Detect a Challenge Page response": set on all of them, and its only value.
    ("Cloudflare", lambda _, headers: _said(headers, "cf-mitigated") == "challenge"),
    # AWS WAF developer guide, "CAPTCHA and Challenge action behavior": a challenge is 202, a captcha 405.
    ("AWS WAF", lambda _, headers: _said(headers, "x-amzn-waf-action") in ("challenge", "captcha")),
    ("Vercel", lambda _, headers: _said(headers, "x-vercel-mitigated") in ("challenge", "deny")),
    # docs.datadome.co, "validate request": 1 and 2 are its challenge and its captcha.
    ("DataDome", lambda status, headers: status >= 400 and _said(headers, "x-dd-b") in ("1", "2")),
    ("Sucuri", lambda status, headers: status >= 400 and bool(_said(headers, "x-sucuri-block"))),
)
