"""trafilatura's main extractor and its comparison with other algorithms, with :mod:`services.parser.marks` in place of
the XPath that they spend half of their time on, and :mod:`services.parser.paragraphs` in place of jusText's.

The modules are loaded once more for that, as instances of our own: trafilatura itself stays as it is for whoever else
uses it in this process, and nothing of it is copied. A test holds what they find against what trafilatura finds.
"""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING

from lxml import etree

from services.parser import marks, paragraphs

__all__ = [
    "RAW_TREE_PRUNE_XPATH",
    "REMOVE_COMMENTS_AND_LISTS_XPATH",
    "REMOVE_COMMENTS_XPATH",
    "baseline",
    "compare_extraction",
    "extract_content",
    "html2txt",
    "justext_rescue",
    "load",
    "try_readability",
]


def _own(name: str) -> ModuleType:
    """An instance of a module of trafilatura that nobody else has, with finders for its expressions."""
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    for listed, value in vars(module).copy().items():
        if isinstance(value, etree.XPath):
            setattr(module, listed, marks.finder(value))
        elif isinstance(value, list) and value and all(isinstance(one, etree.XPath) for one in value):
            setattr(module, listed, [marks.finder(expression) for expression in value])
    return module


_external = _own("trafilatura.external")


def load() -> None:
    """Read the words that jusText knows text by now: a tenth of a second, and what processes forked later share."""
    if _external.JT_STOPLIST is None:
        _external.jt_stoplist_init()


if TYPE_CHECKING:
    from trafilatura.baseline import baseline, html2txt
    from trafilatura.external import compare_extraction, justext_rescue, try_readability
    from trafilatura.main_extractor import extract_content
    from trafilatura.xpaths import RAW_TREE_PRUNE_XPATH, REMOVE_COMMENTS_AND_LISTS_XPATH, REMOVE_COMMENTS_XPATH
else:
    _xpaths, _baseline = _own("trafilatura.xpaths"), _own("trafilatura.baseline")
    _main, _justext = _own("trafilatura.main_extractor"), _own("justext.core")
    _external.basic_cleaning = _baseline.basic_cleaning
    _justext.Paragraph = paragraphs.Remembering
    _external.ParagraphMaker = _justext.ParagraphMaker
    _external.classify_paragraphs = _justext.classify_paragraphs
    _read_words = _external.jt_stoplist_init

    def _stop_words() -> frozenset[str]:
        # A frozen set remembers its hash, by which jusText looks it up: of a tuple of 150,000 words it takes 3 ms.
        _external.JT_STOPLIST = frozenset(_read_words())
        return _external.JT_STOPLIST

    _external.jt_stoplist_init = _stop_words
    RAW_TREE_PRUNE_XPATH = _xpaths.RAW_TREE_PRUNE_XPATH
    REMOVE_COMMENTS_AND_LISTS_XPATH = _xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH
    REMOVE_COMMENTS_XPATH = _xpaths.REMOVE_COMMENTS_XPATH
    baseline, html2txt = _baseline.baseline, _baseline.html2txt
    extract_content = _main.extract_content
    compare_extraction, justext_rescue = _external.compare_extraction, _external.justext_rescue
    try_readability = _external.try_readability
