"""jusText's paragraph, which works out its text once instead of at each question: half of what jusText costs."""

from __future__ import annotations

from typing import Any

from justext.paragraph import Paragraph  # type: ignore[import-untyped]


class Remembering(Paragraph):  # type: ignore[misc]
    """A paragraph whose text is put together anew only after more of it was read."""

    def __init__(self, path: Any) -> None:  # noqa: ANN401 - jusText has no types
        """``path``: where in the page it is; of its two forms jusText only asks for one."""
        self.dom_path = path.dom
        self.xpath = ""
        self.text_nodes: list[str] = []
        self.chars_count_in_links = 0
        self.tags_count = 0
        self.class_type = ""
        self._told: tuple[int, str] = (0, "")

    @property
    def text(self) -> str:
        """The text without the space around it, every other space single."""
        count, text = self._told
        if count != len(self.text_nodes):
            text = str(super().text)
            self._told = (len(self.text_nodes), text)
        return text

    def stopwords_density(self, stopwords: frozenset[str]) -> float:
        """The share of ``stopwords`` among the words."""
        spoken = self.text.split()
        return sum(word.lower() in stopwords for word in spoken) / len(spoken) if spoken else 0
