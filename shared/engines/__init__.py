"""The engines of a data folder: real Valkey and PostgreSQL, started when needed, stopped by the last who used them."""

from shared.engines.folder import Engines, is_up, open_engines, up_lock

__all__ = ["Engines", "is_up", "open_engines", "up_lock"]
