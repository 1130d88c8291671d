"""What may be reported, read from its file, and what becomes of each sort."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.models.people import Duty
from registry.registers import kinds
from registry.vocabulary import read_yaml

FILE: Final = Path(__file__).parents[1] / "data" / "report_page.yaml"


@dataclass(frozen=True)
class Sort:
    """One sort of report: the register in which it is written, and where its answer stands."""

    name: str
    label: str
    kind: str
    values: Mapping[str, Any]
    answer: str
    shown_in: tuple[str, ...]
    duty: str
    days: int

    @property
    def title(self) -> str:
        """The label in the reader's language."""
        return _(self.label)


def parsed(path: Path, name: str, entry: Mapping[str, Any]) -> Sort:
    """One sort; BadInput where it names a register, field, status or duty that there is not."""
    kind = kinds().get(entry["kind"])
    if kind is None:
        raise BadInput(f"{path.name}, {name}: there is no register “{entry['kind']}”.")
    for field in ("text", entry["answer"]["field"], *entry["set"]):
        if field not in kind.fields:
            raise BadInput(f"{path.name}, {name}: the register {kind.name} has no field “{field}”.")
    strange = sorted(set(entry["answer"]["shown_in"]) - set(kind.statuses))
    if strange or entry["duty"] not in Duty.values:
        raise BadInput(f"{path.name}, {name}: “{(strange or [entry['duty']])[0]}” is neither a status nor a duty.")
    answer = entry["answer"]
    return Sort(
        name, entry["label"], kind.name, MappingProxyType(dict(entry["set"])), answer["field"],
        tuple(answer["shown_in"]), entry["duty"], int(entry["days"]),
    )  # fmt: skip


def read(path: Path = FILE) -> dict[str, Sort]:
    """The sorts of a file, by name."""
    return {name: parsed(path, name, entry) for name, entry in read_yaml(path)["sorts"].items()}


@cache
def sorts() -> Mapping[str, Sort]:
    """The sorts of this installation, read once a process."""
    return read()
