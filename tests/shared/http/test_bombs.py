"""A gigabyte that comes as a few kilobytes costs a process what may be kept of it, and little more: measured as the
kernel counts, in a process that does nothing else.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
import zstandard

from .conftest import Serve, reply

MIB = 1024 * 1024
GIB = 1024 * MIB
CHUNK = bytes(4 * MIB)
PEAK = Path("/proc/self/clear_refs")

CHILD = """
import json, sys, time
from pathlib import Path
from shared.http import GuardedClient
from shared.settings import Settings

def kib(name):
    return int(Path("/proc/self/status").read_text().split(name + ":")[1].split()[0])

first, url = sys.argv[1:]
with GuardedClient(Settings(allowed_networks="127.0.0.0/8")) as client:
    client.get(first, max_bytes=10 * 1024 * 1024)
    before = kib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # The peak is counted anew from here (proc(5)).
    began = time.process_time()
    response = client.get(url, max_bytes=10 * 1024 * 1024)
    seconds = time.process_time() - began
    print(json.dumps({
        "mib": (kib("VmHWM") - before) / 1024, "cpu": seconds, "bytes": len(response.body), "cut": response.truncated,
    }))
"""


def gzipped() -> bytes:
    """The same stretch again and again, which a full flush allows."""
    stream = zlib.compressobj(9, wbits=zlib.MAX_WBITS + 16)
    start = stream.compress(CHUNK) + stream.flush(zlib.Z_FULL_FLUSH)
    again = stream.compress(CHUNK) + stream.flush(zlib.Z_FULL_FLUSH)
    return start + again * (GIB // len(CHUNK) - 1)


def brotlied() -> bytes:
    packer = brotli.Compressor(quality=1, lgwin=24)
    return b"".join(packer.process(CHUNK) for _ in range(GIB // len(CHUNK))) + bytes(packer.finish())


def zstandarded() -> bytes:
    packer = zstandard.ZstdCompressor(level=1).compressobj()
    return b"".join(packer.compress(CHUNK) for _ in range(GIB // len(CHUNK))) + packer.flush()


def nothing() -> bytes:
    """A gigabyte of empty blocks, which come to not a byte (RFC 1951 3.2.4)."""
    empty = b"\x00\x00\x00\xff\xff" * (len(CHUNK) // 5)
    stream = zlib.compressobj(9, wbits=zlib.MAX_WBITS + 16)
    start = stream.compress(empty) + stream.flush(zlib.Z_FULL_FLUSH)
    again = stream.compress(empty) + stream.flush(zlib.Z_FULL_FLUSH)
    return start + again * (GIB // len(CHUNK) - 1)


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": gzipped,
    "deflate": lambda: zlib.compress(b"", 9)[:2] + gzipped()[10:],
    "br": brotlied,
    "zstd": zstandarded,
    "gzip, gzip": lambda: gzip.compress(gzipped()),
    "gzip, br": lambda: bytes(brotli.compress(gzipped(), quality=5)),
    "zstd, gzip": lambda: gzip.compress(zstandarded()),
    "deflate, gzip": nothing,
}


@pytest.mark.skipif(not PEAK.exists(), reason="the kernel here does not count a process's peak anew")
@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_of_a_gigabyte_costs_less_than_64_mib_and_little_time(serve: Serve, encoding: str) -> None:
    bomb = BOMBS[encoding]()
    assert len(bomb) < 8 * MIB
    harmless = gzip.compress(b"news" * 1000)

    def answer(request: object) -> bytes:
        if getattr(request, "target", "") == "/bomb":
            return reply(body=bomb, Content_Encoding=encoding)
        return reply(body=harmless, Content_Encoding="gzip")

    site = serve(answer)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, site.url("/"), site.url("/bomb")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    cost = json.loads(child.stdout)
    assert (cost["bytes"], cost["cut"]) == (0 if encoding == "deflate, gzip" else 10 * MIB, True)
    assert cost["mib"] < 64
    assert cost["cpu"] < 2
