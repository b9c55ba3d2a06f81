"""The address that a request comes from, read here and nowhere else: limits, sign-in and logs all ask this module."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # one customer of a provider has at least this network, and can change addresses within it at will


def client_ip(request: HttpRequest) -> str:
    """Return the client's address, or an empty string where the server knows none.

    Clients can send any ``X-Forwarded-For``; only the last ``TRUSTED_PROXIES`` entries were written by our own proxies.
    With fewer entries, or none that is an address, the request has not passed through all of them.
    """
    address = _parse(_forwarded_for(request)) or _parse(request.META.get("REMOTE_ADDR", ""))
    return str(address or "")


def client_network(request: HttpRequest) -> str:
    """Return what counters count by: an IPv4 address, or the first address of the client's IPv6 network."""
    address = _parse(client_ip(request))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False).network_address)
    return str(address or "")


def _forwarded_for(request: HttpRequest) -> str:
    """Return the entry that the outermost trusted proxy has written, or an empty string."""
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    return entries[-trusted].strip() if 0 < trusted <= len(entries) else ""


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that ``text`` is, without a zone; an IPv4 address in IPv6 notation is the IPv4 address."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address
