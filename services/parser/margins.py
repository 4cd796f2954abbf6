"""What a line of Markdown begins with: the marks of the quotes and list items that it is in. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

_DEEPEST = 12
"""Lists and quotes within one another beyond which no more are marked: their margins would outgrow their text."""


@dataclass
class _List:
    """A list that is open, and its last item."""

    ordered: bool
    items: int = 0
    begun: bool = False
    """Whether an item began whose mark no line has yet."""
    width: int = 0
    """Of the open item's mark, by which the item's other lines are indented; 0 where there is none."""
    interrupted: bool = False
    """Whether a list within the open item has ended."""


@dataclass
class Margin:
    """The lists and quotes that are open, outermost first; a quote is ``None`` (CommonMark 0.31, 5.1 and 5.2)."""

    _open: list[_List | None] = field(default_factory=list)
    _lists: list[_List] = field(default_factory=list)
    _beyond: int = 0

    @property
    def quotes(self) -> str:
        """The marks of the open quotes alone."""
        return "> " * (len(self._open) - len(self._lists))

    @property
    def in_list(self) -> bool:
        """Whether a list is open."""
        return bool(self._lists)

    @property
    def stands_alone(self) -> bool:
        """Whether the next line is in a list and would be taken for a part of the line before it."""
        one = self._innermost()
        return one is not None and not one.begun and (one.width == 0 or one.interrupted)

    def open_list(self, *, ordered: bool) -> None:
        """Begin a list."""
        self._push(_List(ordered))

    def open_quote(self) -> None:
        """Begin a quote."""
        self._push(None)

    def close(self) -> None:
        """End the list or quote that began last."""
        if self._beyond:
            self._beyond -= 1
            return
        if self._open.pop() is not None:
            self._lists.pop()
        if (outer := self._innermost()) is not None:
            outer.interrupted = True

    def begin_item(self) -> None:
        """Begin an item of the innermost list."""
        if (one := self._innermost()) is not None:
            one.begun, one.width, one.interrupted = True, 0, False

    def end_item(self) -> None:
        """End it."""
        if (one := self._innermost()) is not None:
            one.begun, one.width = False, 0

    def break_out(self) -> None:
        """Something stands in the midst of the open items that has no margin: what follows has none of theirs."""
        for one in self._lists:
            one.width = 0

    def take(self) -> str:
        """What the next line begins with; if it is the first of an item, the item's mark is in it."""
        innermost = self._innermost()
        parts: list[str] = []
        for one in self._open:
            if one is None:
                parts.append("> ")
            elif one is innermost and one.begun:
                one.items += 1
                mark = f"{one.items}. " if one.ordered else "- "
                one.begun, one.width = False, len(mark)
                parts.append(mark)
            else:
                parts.append(" " * one.width)
        if innermost is not None:
            innermost.interrupted = False
        return "".join(parts)

    def _push(self, one: _List | None) -> None:
        if self._beyond or len(self._open) >= _DEEPEST:
            self._beyond += 1
            return
        self._open.append(one)
        if one is not None:
            self._lists.append(one)

    def _innermost(self) -> _List | None:
        return self._lists[-1] if self._lists else None
