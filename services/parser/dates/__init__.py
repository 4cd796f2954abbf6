"""Dates as pages and feeds write them, read without guessing: what is not said stays unknown.

============================= =====================================================================
``moment``                    a date with its own words, precision and offset
``reading``                   one date given as such
``written``, ``clock``        days found in a line of text, and the time of day beside one
``relative``                  "3 hours ago"
``words``                     months and labels in many languages, from words.toml
``locale``                    whether the page puts the day or the month first
``headline``, ``printed``     what a page prints for its readers, around its headline or elsewhere
``line``                      whether a date stands alone in its line
``classes``, ``belonging``    what elements are called; whether a date is the article's
``marked``, ``address``       what it marks up, and the day in its address
``tags``                      the names of meta tags
``lastresort``                what htmldate finds where nothing else does
``statements``                witnesses understood, and one made more exact by the others
============================= =====================================================================
"""

from services.parser.dates.locale import NOWHERE, Locale, locale
from services.parser.dates.moment import FUTURE_TOLERANCE, LATEST_YEAR, Moment, Precision, offset_text
from services.parser.dates.reading import either, parse

__all__ = [
    "FUTURE_TOLERANCE",
    "LATEST_YEAR",
    "NOWHERE",
    "Locale",
    "Moment",
    "Precision",
    "either",
    "locale",
    "offset_text",
    "parse",
]
