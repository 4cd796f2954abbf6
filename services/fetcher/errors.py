"""What came instead of a feed.

WiredeskError
└── NotAFeedError         the body is no feed that could be read: an outcome on the feed's row, never a failed job
"""

from __future__ import annotations

from shared.errors import WiredeskError


class NotAFeedError(WiredeskError):
    """A body that could not be read as a feed; the message says in one line what was found instead.

    ``reason`` is a short fixed code (it is a metric label): ``not_a_feed`` (readable, but something else: an HTML
    page, a PDF), ``empty``, ``hostile`` (built to cost more than any feed does), ``malformed`` (meant to be a feed,
    but beyond repair) or ``too_large``.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return (NotAFeedError, (self.reason, str(self)))
