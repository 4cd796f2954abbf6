"""Figures that are dear to take: taken once for everyone who asks within some seconds."""

from __future__ import annotations

import pytest

from services.api.figures import Recent


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Meter:
    """Counts how often it is read, and fails while it is broken."""

    def __init__(self) -> None:
        self.readings = 0
        self.broken = False

    def read(self) -> int:
        self.readings += 1
        if self.broken:
            raise ConnectionError("broken")
        return self.readings


def test_a_value_is_taken_again_when_it_is_old() -> None:
    clock, meter = Clock(), Meter()
    recent: Recent[int] = Recent(5, ConnectionError, clock=clock)
    assert [recent.get(meter.read), recent.get(meter.read)] == [1, 1]
    clock.now += 4.9
    assert recent.get(meter.read) == 1
    clock.now += 0.1
    assert recent.get(meter.read) == 2


def test_a_failure_is_told_to_everyone_and_tried_again_later() -> None:
    clock, meter = Clock(), Meter()
    recent: Recent[int] = Recent(5, ConnectionError, clock=clock)
    meter.broken = True
    for _ in range(3):
        with pytest.raises(ConnectionError):
            recent.get(meter.read)
    assert meter.readings == 1
    meter.broken = False
    clock.now += 5
    assert recent.get(meter.read) == 2
