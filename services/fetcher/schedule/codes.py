"""Why a poll brought no feed: the fixed codes, and how much a failure of each kind counts."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class FailureCode(StrEnum):
    """Each is a metric label and a word on a row: never renamed, only added to.

    ``weight``: how much one such failure counts; a count of 1 doubles the wait. What is likely to be over soon, or is
    our own fault, counts little; what says that there is nothing to come back for, much.
    """

    weight: float
    meaning: str

    def __new__(cls, code: str, weight: float, meaning: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.weight = weight
        member.meaning = meaning
        return member

    DNS_TEMPORARY = "dns_temporary", 0.25, "The name servers gave no answer this time."
    PROXY = "proxy", 0.25, "Our own proxy did not do its part."
    CONNECT = "connect", 0.5, "Refused, or no way there."
    CONNECT_TIMEOUT = "connect_timeout", 0.5, "Nobody took the connection in time, TLS included."
    READ_TIMEOUT = "read_timeout", 0.5, "The site fell silent."
    DEADLINE = "deadline", 0.5, "The whole request, redirects included, took too long."
    RESET = "reset", 0.5, "The site hung up before it answered."
    INCOMPLETE = "incomplete", 0.5, "The site hung up before the end of the feed."
    HTTP_429 = "http_429", 0.5, "Too many requests."
    HTTP_5XX = "http_5xx", 0.5, "The site has a problem of its own."
    DNS = "dns", 1.0, "The name does not exist."
    TLS = "tls", 1.0, "The certificate or the handshake is not in order."
    PROTOCOL = "protocol", 1.0, "What came is not HTTP."
    DECODE = "decode", 1.0, "The body is not in the content encoding that it claims."
    HEADERS_TOO_LARGE = "headers_too_large", 1.0, "More header than anyone needs."
    TOO_MANY_REDIRECTS = "too_many_redirects", 1.0, "More hops than allowed, or in a circle."
    BAD_REDIRECT = "bad_redirect", 1.0, "A redirect to nowhere."
    HTTP_1XX = "http_1xx", 1.0, "No answer after the announcement of one."
    HTTP_3XX = "http_3xx", 1.0, "A redirect that is none."
    HTTP_4XX = "http_4xx", 1.0, "Refused, for another reason than those below."
    HTTP_401 = "http_401", 1.0, "A password is needed."
    HTTP_403 = "http_403", 1.0, "Forbidden, or taken for a robot."
    NOT_A_FEED = "not_a_feed", 1.0, "Something else: a web page, a PDF."
    NESTED_INDEX = "nested_index", 1.0, "A sitemap index within a sitemap index."
    EMPTY = "empty", 1.0, "Nothing at all."
    MALFORMED = "malformed", 1.0, "Meant to be a feed, but beyond repair."
    TOO_LARGE = "too_large", 1.0, "More than `WIREDESK_FEED_MAX_BYTES`."
    HOSTILE = "hostile", 1.0, "Built to cost more than any feed does."
    HTTP_404 = "http_404", 2.0, "Not found."
    HTTP_410 = "http_410", 2.0, "Gone for good, by its own words: asked once a month."
    BOT_WALL = "bot_wall", 2.0, "A page that keeps robots out stood before the feed."
    BAD_URL = "bad_url", 2.0, "No http or https address."
    BLOCKED_ADDRESS = "blocked_address", 2.0, "The host leads to an address that is not of the public web."
    OTHER = "other", 1.0, "A reason of a newer version."


_BY_VALUE = {code.value: code for code in FailureCode}


def failure_code(reason: str) -> FailureCode:
    """The code that ``reason`` is, ``other`` where there is none."""
    return _BY_VALUE.get(reason, FailureCode.OTHER)
