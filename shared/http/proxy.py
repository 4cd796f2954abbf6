"""A proxy between us and the sites (RFC 9110 3.7, 9.3.6): http in absolute form, https through a tunnel."""

from __future__ import annotations

from dataclasses import dataclass

import h11
from pydantic import SecretStr

from shared.credentials import basic, split_userinfo
from shared.http.exchange import Exchange
from shared.http.reasons import FetchReason
from shared.http.stream import GuardedStream
from shared.webaddress import WebAddress, web_address

_MAX_HEADER = 32 * 1024
# What proxies answer when it is the site that they could not reach.
_NO_WAY_THERE = frozenset({502, 503, 504})


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and what it is told to let us through. An operator names it, so that it may stand anywhere."""

    address: WebAddress
    authorization: SecretStr | None = None

    @classmethod
    def at(cls, url: SecretStr | str) -> Proxy:
        """The proxy of ``http://USER:PASSWORD@HOST:PORT``.

        :raises ValueError: saying what is wrong, without the address.
        """
        text = url.get_secret_value() if isinstance(url, SecretStr) else url
        bare, user = split_userinfo(text)
        try:
            address = web_address(bare)
        except ValueError as error:
            raise ValueError(f"a proxy is written as http://USER:PASSWORD@HOST:PORT: {error}") from None
        if address.scheme != "http" or address.target != "/":
            raise ValueError("a proxy is written as http://USER:PASSWORD@HOST:PORT, without TLS or path")
        return cls(address, SecretStr(basic(user.username, user.password)) if user is not None else None)

    def fields(self) -> dict[str, str]:
        """The header fields that are for the proxy alone, in the clear."""
        return {} if self.authorization is None else {"Proxy-Authorization": self.authorization.get_secret_value()}

    def __str__(self) -> str:
        return f"the proxy {self.address.authority}"


def open_tunnel(stream: GuardedStream, proxy: Proxy, target: WebAddress, exchange: Exchange) -> None:
    """Ask ``proxy``, at the other end of ``stream``, to pass on everything to ``target`` from now on.

    :raises FetchError: ``proxy`` when it will not, ``connect`` when it found no way there, and what the stream raises.
    """
    where = f"{f'[{target.host}]' if ':' in target.host else target.host}:{target.port}"
    wire = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=_MAX_HEADER)
    request = h11.Request(method="CONNECT", target=where, headers=[("Host", where), *proxy.fields().items()])
    stream.write(wire.send(request) or b"")
    stream.write(wire.send(h11.EndOfMessage()) or b"")
    try:
        while not isinstance(event := wire.next_event(), h11.Response):
            if event is h11.NEED_DATA:
                wire.receive_data(stream.read(_MAX_HEADER))
            elif not isinstance(event, h11.InformationalResponse):
                raise exchange.fails(FetchReason.PROXY, f"{proxy} hung up")
    except h11.RemoteProtocolError:
        raise exchange.fails(FetchReason.PROXY, f"{proxy} hung up or does not speak HTTP/1.1") from None
    if event.status_code in _NO_WAY_THERE:
        raise exchange.fails(FetchReason.CONNECT, f"{proxy} found no way to {where} ({event.status_code})")
    # Whoever speaks before we have begun with TLS is not the site.
    if not 200 <= event.status_code < 300 or wire.trailing_data[0]:
        raise exchange.fails(FetchReason.PROXY, f"{proxy} opens no way to {where} ({event.status_code})")
