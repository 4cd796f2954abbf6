"""Which addresses of the internet may be connected to. Pure: names are resolved elsewhere, once, before this."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

# IANA's special-purpose registries (RFC 6890 and its successors), and what clouds keep for themselves. Spelt out,
# because `ipaddress.is_global` has changed its mind between patch releases of Python.
_CLOSED_IPV4 = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a provider's own network"),
        ("127.0.0.0/8", "this machine"),
        ("168.63.129.16/32", "a cloud's metadata"),  # Azure's WireServer, on a public address
        ("169.254.0.0/16", "link-local"),  # 169.254.169.254: metadata of most clouds
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "reserved"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_CLOSED_IPV6 = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("2001::/32", "a Teredo tunnel"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "a 6to4 tunnel"),
        ("3fff::/20", "documentation"),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")

# The ports that browsers refuse (WHATWG Fetch, "bad port"), so that no page can talk to other protocols' servers, and
# those of databases, brokers and container engines.
CLOSED_PORTS = frozenset(
    {1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110}
    | {111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531}
    | {532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060}
    | {5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
    | {445, 873, 1433, 1521, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 5984, 6379, 6380, 8086, 9042, 9092, 9200}
    | {9300, 11211, 26379, 27017}
)


class Guard:
    """The rules of one process: the public internet, and the networks that an operator opened."""

    def __init__(self, allowed_networks: Sequence[IPNetwork]) -> None:
        self._allowed = tuple(allowed_networks)

    def objection(self, address: str, port: int) -> str | None:
        """Why ``address`` must not be connected to on ``port``, in a few words; ``None`` if it may.

        An IPv4 address inside an IPv6 one (mapped, or NAT64's well-known prefix) is judged as what it stands for.

        :raises ValueError: when ``address`` is no IP address.
        """
        ip = _meant(ip_address(address.partition("%")[0]))
        if any(ip.version == network.version and ip in network for network in self._allowed):
            return None
        return _closed(ip) or (f"port {port} is not one of the web" if port in CLOSED_PORTS else None)


def _meant(ip: IPAddress) -> IPAddress:
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in _NAT64:
            # Hosts that have IPv6 only reach every IPv4 site this way, so the prefix cannot be closed as a whole.
            return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _closed(ip: IPAddress) -> str | None:
    if isinstance(ip, IPv4Address):
        return next((what for network, what in _CLOSED_IPV4 if ip in network), None)
    if ip.is_loopback:
        return "this machine"
    if ip.is_link_local:
        return "link-local"
    if ip not in _GLOBAL_UNICAST:
        return "multicast" if ip.is_multicast else "not of the public internet"
    return next((what for network, what in _CLOSED_IPV6 if ip in network), None)
