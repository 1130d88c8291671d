"""Reads a bill of materials and a file of advisories in the child, and holds one against the other."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from rai.checks.saying import InputError
from rai.engine.supply import severity
from rai.sandbox.limits import MIB
from rai.sandbox.order import Order, Reply

MOST_BYTES = 64 * MIB
# The answer must fit its frame; what is beyond is counted.
SHOWN = 1_000


def libraries(order: Order) -> tuple[str, ...]:
    """What orders versions."""
    return ("packaging.version", "packaging.utils")


def weaknesses(order: Order) -> Reply:
    """Packages of the bill, or those of the request, against the advisories.

    Request: `packages`, (ecosystem, name, version) of the record where there is no file `bill`. Files: `advisories`,
    and `bill` where there is one.
    """
    from rai.engine.supply import advisories, bills

    if "bill" in order.files:
        packages = bills.read(content(order, "bill"), order.title("bill"))
    else:
        packages = [bills.Package(*map(str, one)) for one in order.request["packages"]]
    order.progress(30, "look")
    found = advisories.held(packages, advisories.read(content(order, "advisories"), order.title("advisories")))
    order.progress(90, "look")
    return Reply({"packages": found.packages, "advisories": found.advisories, "newest": found.newest, **listed(found)})


def listed(found: Any) -> dict[str, Any]:
    """What was found as JSON, as many as fit, and how many there are in all."""
    gravest = sorted(
        found.weaknesses, key=lambda one: ((*severity.LEVELS, severity.UNRATED).index(one.severity), one.package)
    )
    return {
        "weaknesses": [
            asdict(one) | {"package": str(one.package), "name": one.package.name} for one in gravest[:SHOWN]
        ],
        "by_severity": dict(Counter(one.severity for one in found.weaknesses)),
        "unknown": [{"package": str(one), "reason": reason} for one, reason in found.unknown[:SHOWN]],
        "unknown_in_all": len(found.unknown),
    }


def content(order: Order, name: str) -> bytes:
    """The bytes of a file; raises InputError for one that is too large."""
    path = order.path(name)
    if path.stat().st_size > MOST_BYTES:
        raise InputError(
            "{title} is larger than {value} MiB. Send the part that speaks of these packages.",
            title=order.title(name), value=MOST_BYTES // MIB,
        )  # fmt: skip
    return path.read_bytes()
