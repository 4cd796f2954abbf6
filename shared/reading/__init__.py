"""What others read: articles, the change feed, feeds, and the answers to "why". API and command line ask here."""
