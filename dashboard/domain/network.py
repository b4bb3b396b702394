"""Whether a host is this machine, and where a request comes from, as far as it is counted."""

from ipaddress import IPv6Address, ip_address, ip_network


def network_of(source: str) -> str:
    """What is throttled of an address: all of an IPv6 subscriber's addresses are one source."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    if not isinstance(address, IPv6Address):
        return str(address)
    # Where a server listens to both, it sees IPv4 addresses as part of one IPv6 network.
    inner = address.ipv4_mapped
    return str(inner or ip_network((int(address), 64), strict=False))


def is_this_machine(host: str) -> bool:
    """Whether a host, by name or address, is reached without a network."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
