"""What news pages put between and around the paragraphs of an article, in words: a file a language, looked up fast."""

from services.parser.boilerplate.lookup import Passage
from services.parser.boilerplate.phrase import plain
from services.parser.boilerplate.rulebook import RULEBOOK, Rulebook, Sought
from services.parser.boilerplate.rules import LONGEST, RULES, Manner, Rule

__all__ = ["LONGEST", "RULEBOOK", "RULES", "Manner", "Passage", "Rule", "Rulebook", "Sought", "plain"]
