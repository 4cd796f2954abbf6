"""What the worst inputs cost, each in a process of its own: memory to the megabyte, time with patience for a busy
machine. ``python -m benchmarks.hostile`` measures all of them.
"""

from __future__ import annotations

import pytest

from benchmarks.hostile import cases, measure_apart

# How much slower than alone a process may be here, where tests run beside it.
PATIENCE = 8.0
CASES = {case.key: case for case in cases()}
# Where each lands: what it is refused for, or what is read of it.
WORST = {
    "feed: 100,000 attributes": "refused",
    "feed: million nested": "refused",
    "feed: billion laughs": "refused",
    "feed: 10 MiB of one title": "1 entries",
    "feed: 10,000 items": "2,000 entries, 8,000 skipped",
    "feed: 50,000 items": "2,000 entries, 48,000 skipped",
    "sitemap: 50,000 addresses, gz": "50,000 entries, 0 skipped",
    "sitemap: billion laughs": "refused",
    "list: a million nested": "refused",
    "robots.txt: 500 KiB of rules": "allowed",
    "site: gzip": "10,485,760 bytes, truncated",
    "site: zstd": "10,485,760 bytes, truncated",
    "site: header-lines": "refused: headers_too_large",
    "site: slow-body": "refused: deadline",
    "site: hops": "refused: too_many_redirects",
}


@pytest.mark.parametrize("key", WORST)
def test_the_worst_input_stays_within_its_limits(key: str) -> None:
    cost = measure_apart(CASES[key])
    assert CASES[key].is_within(cost, patience=PATIENCE), cost
    assert cost.outcome.startswith(WORST[key]), cost


def test_what_goes_over_a_limit_would_be_noticed() -> None:
    case = CASES["feed: 10 MiB of one title"]
    cost = measure_apart(case)
    # The text, decoded, and once more as the entry's: what is measured is really measured.
    assert cost.mib > 10
    assert cost.cpu_seconds > 0.01
    small = type(case)(case.kind, case.name, case.prepare, seconds=case.seconds, mib=10)
    assert not small.is_within(cost)
    assert not type(case)(case.kind, case.name, case.prepare, seconds=0.001, mib=case.mib).is_within(cost)
