"""The sample newspapers: invented articles in ten languages, served with everything that happens to news on the web."""

from wiredesk.demo.build import DemoPapers, Edited, Expected, build_demo
from wiredesk.demo.content import Paper, SampleArticle, load_papers

__all__ = ["DemoPapers", "Edited", "Expected", "Paper", "SampleArticle", "build_demo", "load_papers"]
