"""Runs a command where every address but the machine's own leads nowhere, and writes down each packet that wanted to leave.

`python -m config.no_network COMMAND ...` ends with the command's code, or with 1 when something tried to leave.
"""

import fcntl
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rai.sandbox.kernel import namespaces
from rai.sandbox.kernel.calls import call

NOT_TO_BE_HAD = 3
NAME = "nowhere"
# Addresses that are kept for documentation (RFC 5737, RFC 3849): nobody has them.
OURS, OURS_6 = "192.0.2.1", "2001:db8::1"
NEW_ADDRESS, NEW_ROUTE, DO_AND_ANSWER = 20, 24, 0x405  # rtnetlink(7)
LOCAL, DEVICE = 2, 4
SET_FLAGS, MAKE_TUNNEL, TUNNEL, BARE_PACKETS, UP = 0x8914, 0x400454CA, 0x0001, 0x1000, 0x0001
TCP, UDP, ICMP_6, BY_HOP = 6, 17, 58, 0
DNS = 53
# How long the last packet may take until it was read, in seconds.
LAST = 0.3
RUNNING = "ATTESTRY_TEST_RUNNING"


@dataclass(frozen=True)
class Attempt:
    """What tried to leave: the kind, whereto, which name was asked for, and who tried it."""

    kind: str
    place: str
    asked: str
    who: str

    def __str__(self) -> str:
        return f"{self.kind} to {self.place}{f', asking for {self.asked}' if self.asked else ''}, by {self.who}"


def main(command: list[str]) -> int:
    """Run the command where no network is; its exit code, or 1 when something tried to leave."""
    try:
        enter()
    except (OSError, KeyError) as error:
        print(
            f"Nothing was run: a network of its own is not to be had here ({error}). It needs Linux, and root or user "
            "namespaces (sysctl kernel.unprivileged_userns_clone, AppArmor).", file=sys.stderr,
        )  # fmt: skip
        return NOT_TO_BE_HAD
    with tempfile.TemporaryDirectory(prefix="attestry-running-") as running, watched(Path(running)) as attempts:
        before = refused()
        code = subprocess.run(command, env={**os.environ, RUNNING: running}, check=False).returncode
        time.sleep(LAST)
        count = len(attempts) + refused() - before
    print(f"\n---- network: {count} attempts to leave this machine ----", flush=True)
    for attempt in attempts:
        print(attempt, flush=True)
    return code or (1 if count else 0)


# ---- the network that leads nowhere


def enter() -> None:
    """Move this process and all it starts into a network namespace that has a loopback alone. Raises OSError."""
    user, group = os.geteuid(), os.getegid()
    call("unshare", namespaces.NEW_NETWORK | (namespaces.NEW_USER if user else 0))
    if user:
        namespaces.stay_oneself(user, group)
    switch_on("lo")


def switch_on(name: str) -> None:
    """The interface takes packets from here on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sH14x", name.encode(), UP))


@contextmanager
def watched(running: Path) -> Iterator[list[Attempt]]:
    """Every route leads into a tunnel that ends here; the attempts, as they are read."""
    attempts: list[Attempt] = []
    ends = [*tunnels(), *name_servers()]
    for end in ends:
        threading.Thread(target=read, args=(end, attempts, running), daemon=True).start()
    yield attempts


def tunnels() -> list[int]:
    """The tunnel's end, as an open file; none where there are no tunnels, and the kernel then counts what it refuses."""
    try:
        end = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(end, MAKE_TUNNEL, struct.pack("16sH22x", NAME.encode(), TUNNEL | BARE_PACKETS))
        lead_there()
    except OSError as error:
        print(f"No tunnel ({error}): attempts are counted, and not named.", file=sys.stderr, flush=True)
        return []
    return [end]


def lead_there() -> None:
    """The tunnel has an address of each kind, and all ways lead into it."""
    # The kernel itself would look for routers there.
    for setting, value in (("addr_gen_mode", "1"), ("accept_ra", "0"), ("router_solicitations", "0")):
        with suppress(OSError):
            Path(f"/proc/sys/net/ipv6/conf/{NAME}", setting).write_text(value)
    switch_on(NAME)
    device = socket.if_nametoindex(NAME)
    for family, own, scope in ((socket.AF_INET, OURS, 253), (socket.AF_INET6, OURS_6, 0)):
        address = socket.inet_pton(family, own)
        try:
            told(NEW_ADDRESS, struct.pack("=BBBBI", family, 8 * len(address), 0, 0, device) + attribute(LOCAL, address))
            route = struct.pack("=8BI", family, 0, 0, 0, 254, 3, scope, 1, 0)
            told(NEW_ROUTE, route + attribute(DEVICE, struct.pack("=I", device)))
        except OSError:
            if family == socket.AF_INET:
                raise


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute of a message to the kernel."""
    return struct.pack("=HH", 4 + len(value), kind) + value


def told(kind: int, body: bytes) -> None:
    """Have the kernel do something with the network. Raises OSError with its reason."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.send(struct.pack("=IHHII", 16 + len(body), kind, DO_AND_ANSWER, 1, 0) + body)
        code = -struct.unpack_from("=i", kernel.recv(4096), 16)[0]
    if code:
        raise OSError(code, os.strerror(code))


def name_servers() -> list[socket.socket]:
    """Stands in for name servers that the machine has on its own loopback, which no tunnel would hear of."""
    found = []
    with suppress(OSError):
        for address in re.findall(r"^nameserver\s+(127\.\S+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE):
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            server.bind((address, DNS))
            found.append(server)
    return found


def refused() -> int:
    """How many packets the kernel found no way for, so far."""
    lines = Path("/proc/net/snmp").read_text().splitlines()
    names, values = (line.split() for line in lines if line.startswith("Ip:"))
    count = int(values[names.index("OutNoRoutes")])
    with suppress(OSError, AttributeError):
        count += int(re.search(r"^Ip6OutNoRoutes\s+(\d+)", Path("/proc/net/snmp6").read_text(), re.M)[1])  # type: ignore[index]
    return count


# ---- what tried to leave


def read(end: int | socket.socket, attempts: list[Attempt], running: Path) -> None:
    """Write down what arrives at an end; the same socket that tries again is one attempt."""
    known: set[tuple[object, ...]] = set()
    while True:
        if isinstance(end, int):
            found = told_by(os.read(end, 65535))
        else:
            body, (_host, port) = end.recvfrom(65535)
            found = Packet(UDP, end.getsockname()[0], port, DNS, body)
        if found and (key := (found.protocol, found.place, found.mine, found.port, asked(found))) not in known:
            known.add(key)
            place = f"[{found.place}]" if ":" in found.place else found.place
            kind = {TCP: "TCP", UDP: "UDP"}.get(found.protocol, f"protocol {found.protocol}")
            attempts.append(Attempt(kind, f"{place}:{found.port}", asked(found), who(found.mine, running)))
            print(f"\nTried to leave: {attempts[-1]}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Packet:
    """Protocol, whereto, the ports here and there, and what it carries."""

    protocol: int
    place: str
    mine: int
    port: int
    body: bytes


def told_by(raw: bytes) -> Packet | None:
    """A packet as the kernel sends it; None for the kernel's own talk with neighbours in version 6."""
    if raw[0] >> 4 == 4:
        protocol, target, rest = raw[9], socket.inet_ntop(socket.AF_INET, raw[16:20]), raw[4 * (raw[0] & 15) :]
    else:
        protocol, target, rest = raw[6], socket.inet_ntop(socket.AF_INET6, raw[24:40]), raw[40:]
        if protocol in (BY_HOP, ICMP_6) and raw[24] == 0xFF:
            return None
    has_ports = protocol in (TCP, UDP) and len(rest) >= 8
    mine, port = struct.unpack_from("!HH", rest) if has_ports else (0, 0)
    return Packet(protocol, target, mine, port, rest[8:] if protocol == UDP else b"")


def asked(packet: Packet) -> str:
    """The name that a question to a name server is about, else nothing."""
    if packet.port != DNS or packet.protocol != UDP:
        return ""
    labels, at = [], 12
    while at < len(packet.body) and 0 < (length := packet.body[at]) < 64:
        labels.append(packet.body[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    return ".".join(labels)


def who(port: int, running: Path) -> str:
    """The command that holds the port, and the test that it runs for."""
    for number in owners(port):
        with suppress(OSError):
            command = Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:160]
            return f"{command.strip()} ({test_of(number, running) or 'no test'})"
    return f"a process that has closed it ({', '.join(sorted(tests(running))) or 'no test'})"


def owners(port: int) -> Iterator[str]:
    """The numbers of the processes that hold a socket with this port."""
    wanted = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        with suppress(OSError):
            rows = [line.split() for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]]
            wanted |= {f"socket:[{row[9]}]" for row in rows if int(row[1].rpartition(":")[2], 16) == port}
    for place in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(place) in wanted:
                yield place.parts[2]


def test_of(number: str, running: Path) -> str:
    """The test that this process, or the nearest before it that started it, runs."""
    while number not in ("0", "1"):
        if (running / number).exists():
            return (running / number).read_text()
        number = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1]
    return ""


def tests(running: Path) -> set[str]:
    """All the tests that run now."""
    return {path.read_text() for path in running.iterdir()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
