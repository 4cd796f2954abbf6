"""Pictures for the sample articles: a plain landscape, drawn from the article's name."""

from __future__ import annotations

import hashlib
import math
import struct
import zlib

WIDTH, HEIGHT = 640, 360


def picture(name: str) -> bytes:
    """A PNG of 640 by 360 pixels, the same for the same name: sky, sun, hills and a foreground."""
    seed = hashlib.sha256(name.encode()).digest()
    palette = _palette(seed)
    sun_x, sun_y, radius = 80 + seed[0] * 2, 60 + seed[1] // 4, 24 + seed[2] // 12
    phase, far, near = seed[3] / 40, 190 + seed[4] // 8, 270 + seed[5] // 8
    ridge = [far + 38 * math.sin(x / 95 + phase) + 14 * math.sin(x / 31 + 2 * phase) for x in range(WIDTH)]
    shore = [near + 18 * math.sin(x / 140 - phase) for x in range(WIDTH)]
    rows = bytearray()
    for y in range(HEIGHT):
        band = 0 if y < 100 else 1
        half = math.sqrt(max(0, radius**2 - (y - sun_y) ** 2))
        rows.append(0)  # PNG: this row is not filtered.
        if y < min(ridge):
            left, right = int(sun_x - half), int(sun_x + half)
            rows += bytes([band]) * left + b"\x02" * (right - left) + bytes([band]) * (WIDTH - right)
        else:
            rows += bytes(4 if y >= shore[x] else 3 if y >= ridge[x] else band for x in range(WIDTH))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"PLTE", palette) + _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
    return b"\x89PNG\r\n\x1a\n" + chunks + _chunk(b"IEND", b"")


def _palette(seed: bytes) -> bytes:
    tint = seed[6] // 4
    colours = [
        (150 + tint, 185, 215),
        (190 + tint, 205, 210),
        (250, 225, 150 + tint),
        (95, 120 + tint // 2, 115 + seed[7] // 8),
        (55 + seed[8] // 8, 80 + seed[9] // 8, 95),
    ]
    return bytes(value for colour in colours for value in colour)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
