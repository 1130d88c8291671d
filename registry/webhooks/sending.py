"""Sends one signed event to one address, and to nothing that the address could be a disguise of.

Off until an operator lists hosts. A host that is listed is resolved once, the connection goes to that very number, and
numbers that are not of the public internet are refused (mapped, translated and reserved ones among them). No proxy, no
redirect, a few seconds, a short answer.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from registry.errors import BadInput

SECONDS, DEADLINE, LONGEST_ANSWER = 5.0, 10.0, 64 * 1024
# NAT64 and its local form, 6to4 and the block of Teredo carry an IPv4 address inside; the last block is for protocols,
# which not every Python counts as reserved.
NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "192.0.0.0/24"))
)


class NotDelivered(Exception):
    """Nothing was taken; the sentence says why."""


@dataclass(frozen=True)
class Target:
    """Where an address leads, taken apart."""

    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """The parts of an address. Raises BadInput for anything but https to a host that the operator has listed."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or ""), parts.port or 443
    except ValueError as error:
        raise BadInput(_("“%s” is no address.") % url[:100], field="url") from error
    if parts.scheme != "https" or parts.username is not None or parts.password is not None or not url.isprintable():
        raise BadInput(_("The address begins with https:// and holds no name or password."), field="url")
    if host not in settings.WEBHOOK_HOSTS:
        listed = ", ".join(settings.WEBHOOK_HOSTS) or _("none")
        raise BadInput(
            _("Events go to hosts that the operator listed in ATTESTRY_WEBHOOK_HOSTS (now: %s).") % listed, field="url"
        )
    path = parts.path or "/"
    return Target(host, port, f"{path}?{parts.query}" if parts.query else path)


def public_address(target: Target) -> str:
    """The number of the host, looked up once. Raises NotDelivered unless every number it has is a public one."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotDelivered(_("%s cannot be looked up.") % target.host) from error
    numbers = [str(each[4][0]) for each in found]
    for number in numbers:
        if not is_public(number):
            raise NotDelivered(_("%(host)s leads to %(number)s, which is no public address.") % {
                "host": target.host, "number": number,
            })  # fmt: skip
    return numbers[0]


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public internet, seen through every form that can wrap another."""
    address = ipaddress.ip_address(number.split("%", 1)[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast


class Pinned(http.client.HTTPSConnection):
    """A connection to one number, whose certificate must be that of the host's name."""

    def __init__(self, target: Target, number: str) -> None:
        self.number, self.trust = number, ssl.create_default_context()
        self.line: ssl.SSLSocket | None = None
        super().__init__(target.host, target.port, timeout=SECONDS, context=self.trust)

    def connect(self) -> None:
        """To the number that was found to be public, never to the name again."""
        plain = socket.create_connection((self.number, self.port), self.timeout)
        # Kept beside `sock`, which the library lets go of as soon as the answer begins.
        self.sock = self.line = self.trust.wrap_socket(plain, server_hostname=self.host)

    def cut(self) -> None:
        """End it from another thread, whatever it waits for."""
        if self.line is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.line, socket.SHUT_RDWR)


def signature(secret: str, number: str, moment: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, time and body, as Standard Webhooks has it."""
    signed = f"{number}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def send(url: str, *, secret: str, number: str, body: bytes) -> tuple[int, str]:
    """Post a CloudEvent; the status and the beginning of the answer. Raises NotDelivered or BadInput.

    `number` names the event: the same at every try, so that a receiver can tell a second try from a second event.
    """
    target, moment = target_of(url), int(time.time())
    headers = {
        "Content-Type": "application/cloudevents+json", "User-Agent": "Attestry", "Connection": "close",
        "webhook-id": number, "webhook-timestamp": str(moment),
        "webhook-signature": signature(secret, number, moment, body),
    }  # fmt: skip
    connection = Pinned(target, public_address(target))
    # A receiver that sends a byte now and then never runs into the timeout of one reading.
    deadline = threading.Timer(DEADLINE, connection.cut)
    deadline.start()
    try:
        connection.request("POST", target.path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(LONGEST_ANSWER)[:200].decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(
            _("%(host)s: %(why)s") % {"host": target.host, "why": str(error) or type(error).__name__}
        ) from error
    finally:
        deadline.cancel()
        connection.close()
