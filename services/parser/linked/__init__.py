"""What a page says about its article in schema.org's words: JSON-LD scripts, and microdata as the same nodes."""
