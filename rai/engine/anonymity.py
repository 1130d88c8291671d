"""How well rows hide among each other: classes of rows that are alike in the columns that single people out, exactly counted."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rai.checks.contract import InputError
from rai.engine.personal.rules import proposed
from rai.engine.shift import Asked as Everything, Table, table_of
from rai.engine.shift_message import text, whole
from rai.engine.sources import Limits, listed

Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

MOST_COLUMNS = 20


@dataclass(frozen=True)
class Asked:
    """The columns that single people out together (none: proposed by their names), and what must not be told of anybody."""

    quasi: tuple[str, ...] = ()
    sensitive: str | None = None


@dataclass(frozen=True)
class Classes:
    """Classes of rows that are alike in all of `columns`; `not_chosen` are others whose names say that they tell people apart.

    `sizes`: how many classes there are of each size. `diversity`: the fewest different sensitive values in a class, and
    `alone`: rows of classes with one such value; None where no such column was named. `without`: the smallest class if
    this column were left out.
    """

    rows: int
    columns: tuple[str, ...]
    is_proposed: bool
    not_chosen: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    sensitive: str | None = None
    diversity: int | None = None
    alone: int | None = None
    without: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def smallest(self) -> int | None:
        """k: the rows of the smallest class; None where no column is known."""
        return min((size for size, _n in self.sizes), default=None)

    def rows_in(self, least: int, most: float) -> int:
        """Rows in classes of a size between these, both included."""
        return sum(size * n for size, n in self.sizes if least <= size <= most)

    def classes_in(self, least: int, most: float) -> int:
        """Classes of such a size."""
        return sum(n for size, n in self.sizes if least <= size <= most)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `classes_of` makes an equal one."""
        return asdict(self)


def read_classes(files: Files, asked: Asked, *, limits: Limits | None = None) -> Classes:
    """Count classes. An empty cell is a value like any other: who has none is told apart by that, too.

    Raises InputError for columns that the table does not have, and for more than twenty of them.
    """
    started = time.perf_counter()
    with table_of(files, Everything(), limits) as table:
        for name in (*asked.quasi, *filter(None, [asked.sensitive])):
            table.source.column(name)
        by_name = tuple(proposed([name for name in table.source.columns if name != asked.sensitive]))
        chosen = asked.quasi or by_name
        if asked.sensitive in chosen:
            raise InputError('"{name}" cannot both single people out and be what must not be told.', name=asked.sensitive)  # fmt: skip
        if len(chosen) > MOST_COLUMNS:
            raise InputError("{n} columns are more than {most}; choose those that somebody else may know: {names}.", n=len(chosen), most=MOST_COLUMNS, names=listed(list(chosen)))  # fmt: skip
        found: dict[str, Any] = counted(table, chosen, asked.sensitive) if chosen else {}
        left = tuple(name for name in by_name if name not in chosen)
    return Classes(
        table.rows, chosen, not asked.quasi, left, sensitive=asked.sensitive, **found,
        timings={"count": time.perf_counter() - started},
    )  # fmt: skip


def counted(table: Table, columns: Sequence[str], sensitive: str | None) -> dict[str, Any]:
    """Sizes, diversity, and the smallest class without each column."""
    told = f"count(DISTINCT {cell(table, sensitive)})" if sensitive else "0"
    rows = table.query(
        "SELECT n, count(*), min(l), coalesce(sum(n) FILTER (l = 1), 0) FROM"
        f" (SELECT count(*) AS n, {told} AS l FROM {{scan}} GROUP BY {key(table, columns)}) GROUP BY n ORDER BY n"
    )
    return {
        "sizes": tuple((int(size), int(classes)) for size, classes, *_ in rows),
        "diversity": min(int(row[2]) for row in rows) if sensitive else None,
        "alone": sum(int(row[3]) for row in rows) if sensitive else None,
        "without": {name: smallest(table, [each for each in columns if each != name]) for name in columns},
    }


def smallest(table: Table, columns: Sequence[str]) -> int:
    """The rows of the smallest class; all rows are one class where no column is left."""
    if not columns:
        return table.rows
    ((size,),) = table.query(f"SELECT min(n) FROM (SELECT count(*) AS n FROM {{scan}} GROUP BY {key(table, columns)})")
    return int(size)


def cell(table: Table, name: str) -> str:
    """A cell as it is spelled, without blanks around it; an empty one is empty however it is written."""
    return f"coalesce(trim(CAST({table.source.column(name)} AS VARCHAR)), '')"


def key(table: Table, columns: Sequence[str]) -> str:
    """What rows of a class have in common, each cell with its length before it, so that no two classes mix."""
    parts = ", ".join(f"strlen({text}) || ':' || {text}" for text in (cell(table, name) for name in columns))
    return f"md5_number(concat({parts}))"


def classes_of(value: Mapping[str, Any]) -> Classes:
    """The counts of a JSON object, every field checked; raises InputError where it holds none."""
    try:
        optional: dict[str, Any] = {
            name: None if value[name] is None else whole(value[name]) for name in ("diversity", "alone")
        }
        found = Classes(
            rows=whole(value["rows"]),
            columns=tuple(text(name) for name in value["columns"]),
            is_proposed=value["is_proposed"] is True,
            not_chosen=tuple(text(name) for name in value["not_chosen"]),
            sizes=tuple((whole(size), whole(classes)) for size, classes in value["sizes"]),
            sensitive=None if value["sensitive"] is None else text(value["sensitive"]),
            without={text(name): whole(size) for name, size in value["without"].items()},
            **optional,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("What the reading process sent are no counts of a table; run the check again.") from error
    if found.sizes and found.rows_in(1, found.rows) != found.rows:
        raise InputError("What the reading process sent are no counts of a table; run the check again.")
    return found
