"""Bodies: cut at their cap, marked when they are not whole, decoded without ever holding more than is wanted."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from itertools import pairwise

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
import zstandard

from shared.errors import FetchError
from shared.http import GuardedClient
from shared.http.decoding import DecodeError, EndsEarlyError, decoded

from .conftest import Request, Serve, reply

MIB = 1024 * 1024
TEXT = b"".join(b"Line %d of the page.\n" % number for number in range(20_000))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstandard.compress,
}


def fetch(client: GuardedClient, serve: Serve, body: bytes, encoding: str, max_bytes: int = 10 * MIB) -> bytes:
    site = serve(lambda _: reply(body=body, Content_Encoding=encoding))
    response = client.get(site.url(), max_bytes=max_bytes)
    assert not response.truncated
    return response.body


@pytest.mark.parametrize("encoding", ENCODERS)
def test_every_encoding_that_is_asked_for_is_undone(client: GuardedClient, serve: Serve, encoding: str) -> None:
    assert fetch(client, serve, ENCODERS[encoding](TEXT), encoding) == TEXT


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (raw_deflate(TEXT), "deflate"),
        (gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), "gzip"),
        (gzip.compress(TEXT) + b"\0" * 100, "gzip"),
        (zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]), "zstd"),
        (brotli.compress(gzip.compress(TEXT)), "gzip, br"),
        (gzip.compress(TEXT), "GZIP"),
        (TEXT, "identity"),
        (TEXT, "utf-8"),
    ],
    ids=["bare deflate", "gzip members", "padded gzip", "zstd frames", "stacked", "upper case", "identity", "charset"],
)
def test_encodings_are_read_as_servers_write_them(
    client: GuardedClient, serve: Serve, body: bytes, encoding: str
) -> None:
    assert fetch(client, serve, body, encoding) == TEXT


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_it_does_not_matter_how_the_bytes_are_cut(encoding: str, step: int) -> None:
    packed = ENCODERS[encoding](TEXT)
    cuts = pairwise([*range(0, len(packed), step), len(packed)])
    assert b"".join(decoded((packed[a:b] for a, b in cuts), encoding, most=MIB)) == TEXT


@pytest.mark.parametrize("encoding", ENCODERS)
def test_an_empty_body_is_empty_in_any_encoding(encoding: str) -> None:
    assert b"".join(decoded([], encoding, most=MIB)) == b""


@pytest.mark.parametrize("encoding", ENCODERS)
def test_an_encoded_body_that_ends_early_gives_what_came(encoding: str) -> None:
    packed = ENCODERS[encoding](TEXT)
    got: list[bytes] = []
    with pytest.raises(EndsEarlyError):
        got.extend(decoded([packed[: len(packed) * 3 // 4]], encoding, most=MIB))
    assert TEXT.startswith(b"".join(got))
    assert encoding in ("br", "zstd") or len(b"".join(got)) > 1000


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_corrupt_body_is_a_decode_error(client: GuardedClient, serve: Serve, encoding: str) -> None:
    site = serve(lambda _: reply(body=b"<html>this was never compressed</html>" * 20, Content_Encoding=encoding))
    with pytest.raises(FetchError) as caught:
        client.get(site.url(), max_bytes=MIB)
    assert caught.value.reason == "decode"


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip, gzip", "br, aws-chunked"])
def test_an_encoding_nobody_asked_for_is_a_decode_error(client: GuardedClient, serve: Serve, encoding: str) -> None:
    site = serve(lambda _: reply(body=TEXT, Content_Encoding=encoding))
    with pytest.raises(FetchError) as caught:
        client.get(site.url(), max_bytes=MIB)
    assert caught.value.reason == "decode"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_millions_of_empty_parts_are_refused(encoding: str) -> None:
    with pytest.raises(DecodeError, match="compressed parts"):
        list(decoded([ENCODERS[encoding](b"") * 20_000], encoding, most=MIB))


def bomb(encoding: str) -> bytes:
    """A gigabyte of zeros (for brotli, a quarter of it) without an end."""
    chunk = bytes(4 * MIB)
    if encoding == "br":
        packer = brotli.Compressor(quality=1)
        return b"".join(packer.process(chunk) for _ in range(64))
    if encoding == "zstd":
        frame = zstandard.ZstdCompressor(level=1).compressobj()
        return b"".join(frame.compress(chunk) for _ in range(256)) + frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    stream = zlib.compressobj(1, wbits=zlib.MAX_WBITS + (16 if encoding == "gzip" else 0))
    start = stream.compress(chunk) + stream.flush(zlib.Z_FULL_FLUSH)
    return start + (stream.compress(chunk) + stream.flush(zlib.Z_FULL_FLUSH)) * 255


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "br, zstd"])
def test_a_bomb_costs_no_more_than_the_cap_and_a_little(client: GuardedClient, serve: Serve, encoding: str) -> None:
    inner, _, outer = encoding.partition(", ")
    body = bomb(inner)
    if outer:
        body = ENCODERS[outer](body)
    site = serve(lambda _: reply(body=body, Content_Encoding=encoding))
    tracemalloc.start()
    response = client.get(site.url(), max_bytes=MIB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.body == bytes(MIB)
    assert response.truncated
    assert peak < 14 * MIB


def test_a_body_is_cut_at_its_cap_and_marked(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(body=TEXT))
    response = client.get(site.url(), max_bytes=1000)
    assert response.body == TEXT[:1000]
    assert (response.truncated, response.closed_early) == (True, False)


def test_a_body_of_exactly_the_cap_is_whole(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: reply(body=TEXT))
    response = client.get(site.url(), max_bytes=len(TEXT))
    assert response.body == TEXT
    assert not response.truncated


def test_a_body_without_end_is_cut_at_its_cap(client: GuardedClient, serve: Serve) -> None:
    def answer(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"5\r\nagain\r\n"

    response = client.get(serve(answer).url(), max_bytes=10_000)
    assert response.body == b"again" * 2000
    assert response.truncated


def test_a_body_in_crumbs_is_refused(client: GuardedClient, serve: Serve) -> None:
    def answer(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"1\r\nx\r\n" * 1000

    with pytest.raises(FetchError, match="in crumbs") as caught:
        client.get(serve(answer).url(), max_bytes=MIB)
    assert caught.value.reason == "protocol"


def test_a_body_in_small_pieces_is_read(client: GuardedClient, serve: Serve) -> None:
    def answer(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        yield b"21\r\n<p>One line of the whole page</p>\r\n" * 15_000
        yield b"0\r\n\r\n"

    assert client.get(serve(answer).url(), max_bytes=MIB).body == b"<p>One line of the whole page</p>" * 15_000


def test_compressed_nothing_without_end_is_cut_too(client: GuardedClient, serve: Serve) -> None:
    def answer(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n"
        while True:
            yield b"\x00\x00\x00\xff\xff" * 1000  # empty stored blocks

    response = client.get(serve(answer).url(), max_bytes=10_000)
    assert response.body == b""
    assert response.truncated


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe first half",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\nthe first half\r\n",
    ],
    ids=["length", "chunked"],
)
def test_a_body_that_stops_in_the_middle_is_marked(client: GuardedClient, serve: Serve, start: bytes) -> None:
    response = client.get(serve(lambda _: [start, b""]).url(), max_bytes=MIB)
    assert response.body == b"the first half"
    assert (response.truncated, response.closed_early) == (True, True)


def test_a_body_of_which_nothing_came_is_no_answer(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b""])
    with pytest.raises(FetchError) as caught:
        client.get(site.url(), max_bytes=MIB)
    assert caught.value.reason == "reset"


def test_a_body_that_ends_with_the_connection_is_whole(client: GuardedClient, serve: Serve) -> None:
    site = serve(lambda _: [b"HTTP/1.0 200 OK\r\n\r\nold school", b""])
    response = client.get(site.url(), max_bytes=MIB)
    assert response.body == b"old school"
    assert not response.truncated
