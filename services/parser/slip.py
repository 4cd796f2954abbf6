"""What the parser has on its desk, written where the process beside it can read it when this one has died."""

from __future__ import annotations

import json
import mmap
from typing import Any

from shared.jobs import ParsePage

_ROOM = 64 * 1024
_LENGTH = 4
_BEGINS = 2 * _LENGTH


class Slip:
    """The job that runs, in memory shared with the processes forked after this was made. One writes, one reads."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _ROOM)

    @property
    def turn(self) -> int | None:
        """The number of the note that is on it, another one for each; ``None`` where nothing is."""
        return int.from_bytes(self._memory[_LENGTH:_BEGINS]) if any(self._memory[:_LENGTH]) else None

    def write(self, job: ParsePage) -> None:
        """Note ``job`` as begun; its title is left out, if need be, before the note is."""
        data = _encoded(job)
        if len(data) > _ROOM - _BEGINS:
            data = _encoded(job.model_copy(update={"title": None}))
        number = (int.from_bytes(self._memory[_LENGTH:_BEGINS]) + 1) % 2 ** (8 * _LENGTH)
        self._memory[_LENGTH : _BEGINS + len(data)] = number.to_bytes(_LENGTH) + data
        # The length last: who reads sees the whole note or none.
        self._memory[:_LENGTH] = len(data).to_bytes(_LENGTH)

    def clear(self) -> None:
        """Nothing is on the desk."""
        self._memory[:_LENGTH] = bytes(_LENGTH)

    def read(self) -> ParsePage | None:
        """The job that was begun and not ended."""
        length = int.from_bytes(self._memory[:_LENGTH])
        if not length:
            return None
        found: dict[str, Any] = json.loads(self._memory[_BEGINS : _BEGINS + length])
        return ParsePage.model_validate(found)


def _encoded(job: ParsePage) -> bytes:
    # Not pydantic's own JSON, which refuses half a surrogate pair in a title.
    return json.dumps(job.model_dump(mode="json")).encode()
