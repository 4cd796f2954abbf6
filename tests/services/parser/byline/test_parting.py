"""Where the markup of a by-line parts its words."""

from __future__ import annotations

import pytest
from lxml.html import fragment_fromstring

from services.parser.byline.parting import spoken_in


@pytest.mark.parametrize(
    ("inner", "spoken"),
    [
        ("<a>Jane Roe</a><a>John Doe</a>", "Jane Roe | John Doe"),
        ("<a>Jane Roe</a> <a>John Doe</a>", "Jane Roe | John Doe"),
        ("<p>Jane Roe</p><p>John Doe</p>", "Jane Roe | John Doe"),
        ("Jane Roe<br>John Doe", "Jane Roe | John Doe"),
        ("<a>Jane Roe</a> and <a>John Doe</a>", "Jane Roe and John Doe"),
        ("<a>Jane Roe</a><i>and</i><a>John Doe</a>", "Jane Roe and John Doe"),
        ("<a>Jane Roe</a><i>, editor</i>", "Jane Roe , editor"),
        ("<i>By</i><a>Jane Roe</a>", "By Jane Roe"),
        ("<i>Von</i><a>Jane Roe</a>", "Von Jane Roe"),
        ("By<a>Jane Roe</a>", "By Jane Roe"),
        ("<i>Jane</i> <i>Roe</i>", "Jane Roe"),
        ("<p>Jane</p><p>Roe</p>", "Jane Roe"),
        ("J<b>ane</b> Roe", "Jane Roe"),
        ("Jane Roe<time>3 May</time>", "Jane Roe | 3 May"),
        ("<a>Jane Roe</a>Health editor", "Jane Roe | Health editor"),
        ("<b>J</b><i>ane</i> Roe", "Jane Roe"),
        ("<a>Jane Roe</a><script>x()</script>", "Jane Roe"),
        ("<a>Jane Roe</a><a>@jane</a>", "Jane Roe | @jane"),
        ("", ""),
    ],
)
def test_elements_part_what_they_say(inner, spoken):
    assert spoken_in(fragment_fromstring(f"<div>{inner}</div>"), limit=160) == spoken


def test_no_more_is_read_than_a_byline_is_long():
    element = fragment_fromstring(f"<div>{'<i>Jane Roe</i> ' * 10_000}</div>")

    assert len(spoken_in(element, limit=160)) < 400
