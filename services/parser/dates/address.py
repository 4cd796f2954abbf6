"""The day that stands in a page's address: ``/2022/05/20/bridge``. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime

from services.parser.dates.words import month as month_called

# A path's own folders, or a number at an end of one of them; what stands in its middle is the subject's date.
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"/(?P<year>(?:19|20)\d\d)/(?P<month>\d{1,2}|[a-z]{3,9})/(?P<day>\d{1,2})(?=[/_.-]|$)",
        r"/(?P<year>(?:19|20)\d\d)[-_](?P<month>\d\d)[-_](?P<day>\d\d)(?=[/_.-]|$)",
        r"/(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)/(?P<day>\d\d)(?=[/_.-]|$)",
        r"/(?P<year>(?:19|20)\d\d)/?(?P<month>\d\d)/?(?P<day>\d\d)(?=[/_.-]|$)",
        r"/(?P<day>\d\d)[-_](?P<month>\d\d)[-_](?P<year>(?:19|20)\d\d)(?=[/_.-]|$)",
        r"[-_.](?P<year>(?:19|20)\d\d)[-_](?P<month>\d\d)[-_](?P<day>\d\d)(?=/|\.html?$|$)",
        r"[-_.](?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?=/|\.html?$|$)",
    )
)
_SCHEME = re.compile(r"https?:/{1,2}", re.IGNORECASE)


def day(url: str | None) -> tuple[date, str] | None:
    """The day in the path of ``url``, and the words that say it; ``None`` where there is none.

    Of an archive's address only the archived page's counts: the archive's own date is that of a copy.
    """
    if not url:
        return None
    path = _SCHEME.split(url)[-1].partition("?")[0].partition("#")[0]
    path = path[path.find("/") :] if "/" in path else ""
    for form in _FORMS:
        match = form.search(path)
        if match is None:
            continue
        month = int(match["month"]) if match["month"].isdigit() else month_called(match["month"], "en")
        try:
            found = datetime(int(match["year"]), month or 0, int(match["day"]))  # noqa: DTZ001 - a day has no zone
        except ValueError:
            continue
        return found.date(), match.group()
    return None
