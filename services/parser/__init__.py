"""The parser: page bytes in, an article or a reasoned rejection out. No internet, no PostgreSQL."""

from services.parser.assemble import extract

__all__ = ["extract"]
