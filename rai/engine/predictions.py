"""What stands in the prediction column: a column of labels, or `COLUMN OP VALUE`, parsed strictly and bound as values."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rai.checks.saying import InputError, Said
from rai.engine.places import place_of, rows_of
from rai.engine.sources import Source, listed, no_column

OPERATOR = re.compile(r"<=|>=|!=|==|=|<|>")
SQL_OPERATOR = {"==": "=", "!=": "<>"}
NUMERIC = re.compile(r"^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$")
TEMPORAL = re.compile(r"^(DATE|TIME|TIMESTAMP.*)$")
BROKEN = 2


@dataclass(frozen=True)
class Cut:
    """A comparison of a column with a value; rows for which it holds are predicted positive."""

    column: str
    operator: str
    value: str

    @property
    def number(self) -> float | None:
        """The value as a finite number, if it is one."""
        try:
            number = float(self.value)
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    @property
    def is_ordered(self) -> bool:
        """The operator asks for an order, not for equality."""
        return self.operator in {"<", "<=", ">", ">="}


class Named(Protocol):
    """A table whose columns are known."""

    @property
    def columns(self) -> Mapping[str, Any]:
        """Its columns by name."""
        ...

    @property
    def label(self) -> str:
        """Its name for messages."""
        ...


def parsed(text: str, source: Named) -> str | Cut:
    """The name of a column, or the comparison that `text` writes.

    The column is everything left of an operator, so that names with spaces and operators in them are found.
    """
    if text in source.columns:
        return text
    for found in OPERATOR.finditer(text):
        column, value = bare(text[: found.start()]), bare(text[found.end() :])
        if column in source.columns:
            return cut(column, found[0], value)
    first = OPERATOR.search(text)
    raise no_column(bare(text[: first.start()]) if first else text, tuple(source.columns), source.label)


def cut(column: str, operator: str, value: str) -> Cut:
    """The comparison, with its value checked to be there."""
    if not value:
        raise InputError(
            "The prediction compares {column} with nothing; write for example '{column}{operator}1'.",
            column=column,
            operator=operator,
        )
    return Cut(column, operator, value)


def bare(text: str) -> str:
    """The text without surrounding spaces and one pair of quotes."""
    text = text.strip()
    quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def cut_sql(cut: Cut, source: Source) -> tuple[str, dict[str, object]]:
    """SQL that gives 1, 0, NULL (missing) or 2 (cannot be compared), and its bound values.

    The value takes the column's type: a 32-bit score is compared with the 32-bit value, as the model's own code does.
    """
    column, kind = source.column(cut.column), source.type_of(cut.column)
    operator = SQL_OPERATOR.get(cut.operator, cut.operator)
    if NUMERIC.match(kind):
        return numeric_sql(cut, column, operator, kind)
    if kind == "VARCHAR":
        return text_sql(cut, column, operator)
    if kind == "BOOLEAN" and not cut.is_ordered:
        return f"CAST(CAST({column} AS VARCHAR) {operator} $value AS TINYINT)", {"value": truth(cut.value)}
    if TEMPORAL.match(kind):
        if source.connection.execute(f"SELECT TRY_CAST(? AS {kind}) IS NULL", [cut.value]).fetchall() == [(True,)]:
            raise InputError(
                'Column "{column}" is of type {kind}; "{value}" is none, write it as 2026-12-31.',
                column=cut.column,
                kind=kind,
                value=cut.value,
            )
        return f"CAST({column} {operator} CAST($value AS {kind}) AS TINYINT)", {"value": cut.value}
    raise InputError(
        'Column "{column}" is of type {kind} and cannot be compared with {operator} {value}.',
        column=cut.column,
        kind=kind,
        operator=cut.operator,
        value=cut.value,
    )


def truth(value: str) -> str:
    """A truth value as DuckDB writes it."""
    return {"1": "true", "0": "false"}.get(value, value.lower())


def numeric_sql(cut: Cut, column: str, operator: str, kind: str) -> tuple[str, dict[str, object]]:
    """A comparison of numbers; NaN counts as missing."""
    if cut.number is None:
        raise InputError('Column "{column}" holds numbers; "{value}" is none.', column=cut.column, value=cut.value)
    target = kind if kind in {"FLOAT", "DOUBLE"} else "DOUBLE"
    missing = f"isnan({column})" if kind in {"FLOAT", "DOUBLE"} else "false"
    compared = f"CAST({column} {operator} CAST($value AS {target}) AS TINYINT)"
    return f"CASE WHEN {missing} THEN NULL ELSE {compared} END", {"value": cut.number}


def text_sql(cut: Cut, column: str, operator: str) -> tuple[str, dict[str, object]]:
    """A comparison of texts; with an order, or with a number on the right, of the numbers that they write."""
    missing = f"{column} IS NULL OR trim({column}) = '' OR lower(trim({column})) = 'nan'"
    number = f"TRY_CAST({column} AS DOUBLE)"
    if cut.is_ordered:
        if cut.number is None:
            raise InputError(
                '{operator} compares numbers; "{value}" is none. Write = or != for texts.',
                operator=cut.operator,
                value=cut.value,
            )
        compared = f"CASE WHEN {number} IS NULL THEN {BROKEN} ELSE CAST({number} {operator} $value AS TINYINT) END"
        return f"CASE WHEN {missing} THEN NULL ELSE {compared} END", {"value": cut.number}
    same = f"{column} = $value"
    values: dict[str, object] = {"value": cut.value}
    if cut.number is not None:
        same, values = f"({same} OR coalesce({number} = $number, false))", {**values, "number": cut.number}
    compared = f"CAST({same} AS TINYINT)" if operator == "=" else f"CAST(NOT {same} AS TINYINT)"
    return f"CASE WHEN {missing} THEN NULL ELSE {compared} END", values


def broken_values(cut: Cut, source: Source) -> InputError:
    """Which texts in a column of numbers are none, and in how many rows."""
    column = source.column(cut.column)
    rows = source.rows(
        f"SELECT {column}, count(*) FROM {{scan}} WHERE TRY_CAST({column} AS DOUBLE) IS NULL AND trim({column}) <> ''"
        " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5"
    )
    found = listed([value for value, _ in rows])
    row = place_of(source, cut.column, rows[0][0])
    return InputError(
        'Column "{column}" of {label} holds {found} (the first in {rows_of}{place}), which cannot be '
        "compared with {operator} {value}; write numbers, or leave the field empty.",
        column=cut.column,
        label=source.label,
        found=found,
        rows_of=rows_of(rows[0][1]),
        place=Said(", from {place} on", place=row) if row else "",
        operator=cut.operator,
        value=cut.value,
    )
