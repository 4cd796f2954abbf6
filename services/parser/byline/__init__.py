"""By-lines: the words they are made of, the names in them, and where a page shows one."""
