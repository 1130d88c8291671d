"""Tables in the child beyond counts by group: how two of them differ, how good cells are, what stands beside whom."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rai.engine.proxies import Asked as AskedBeside, read_proxies
from rai.engine.quality import Wanted, read_quality
from rai.engine.shift import Asked, read_shift
from rai.engine.sources import opened
from rai.sandbox import formats
from rai.sandbox.order import Order, Reply
from rai.sandbox.tables import LIBRARIES, caps_of, limits_of, require_modest_claim


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables and sums up their columns."""
    return (*LIBRARIES, "scipy.special")


def compare(order: Order) -> Reply:
    """The shift of `files["data"]` against `files["reference"]`, as `rai.engine.shift` finds it."""
    for name in ("reference", "data"):
        require_table(order, order.files[name])
    given = order.request["asked"].items()
    asked: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given}
    order.progress(20, "compare")
    found = read_shift(order.files["reference"], order.files["data"], Asked(**asked), limits=limits_of(caps_of(order)))
    return Reply(found.to_json())


def look(order: Order) -> Reply:
    """What `rai.engine.quality` counts over `files["data"]`, beside `files["other"]` where there is one."""
    for name in order.files:
        require_table(order, order.files[name])
    given = order.request["wanted"].items()
    wanted: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given}
    order.progress(20, "look")
    other = order.files.get("other")
    found = read_quality(order.files["data"], Wanted(**wanted), other=other, limits=limits_of(caps_of(order)))
    return Reply(found.to_json())


def beside(order: Order) -> Reply:
    """Which values of inputs stand beside which protected groups of `files["data"]`, as `rai.engine.proxies` counts them."""
    require_table(order, order.files["data"])
    asked = AskedBeside(**{name: tuple(columns) for name, columns in order.request["asked"].items()})
    order.progress(20, "count")
    return Reply(read_proxies(order.files["data"], asked, limits=limits_of(caps_of(order))).to_json())


def require_table(order: Order, paths: Sequence[Path]) -> None:
    """Refuse what is no table, or claims to unpack to more than an upload may."""
    found = [formats.require(path, "table", title=path.name) for path in paths]
    caps = caps_of(order)
    if caps and found[0].slug == formats.PARQUET:
        with opened(paths, limits=limits_of(caps)) as source:
            require_modest_claim(source, caps)
