"""What would change between two versions of the parser: records of the same pages compared, field by field."""

from wiredesk.comparing.changes import Change, Found, compare
from wiredesk.comparing.report import Report, Tally

__all__ = ["Change", "Found", "Report", "Tally", "compare"]
