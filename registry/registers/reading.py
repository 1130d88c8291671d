"""Reads kinds of register entries from their file; what cannot be used is refused by file, kind, field and reason."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from registry import access
from registry.errors import BadInput
from registry.models.people import Duty
from registry.registers.kinds import DUTIES, EVERYWHERE, Approval, Due, Field, Kind, Move
from registry.vocabulary import read_yaml, vocabulary

FILE: Final = Path(__file__).parents[1] / "data" / "registers.yaml"
TYPES: Final = frozenset(
    {"line", "text", "lines", "number", "count", "day", "choice", "several", "yes_no", "person", "row", "rows"}
)
ABOUT: Final = frozenset({"organisation", "unit", "system", "version", "vendor", "dataset"})
# Names of the vocabulary that stand in columns of the table.
COLUMNS: Final = frozenset({"owner", "status", "title", "name", "subject", "version", "approved_at", "approved_by"})
# Words that forms and sheets use for the columns of every entry.
TAKEN: Final = frozenset(
    {"kind", "about", "title", "owner", "owner_name", "due_on", "overdue", "status", "id", "number", "revision", "unit",
     "tag", "tags"}
)  # fmt: skip
KEYS: Final = frozenset(
    {"group", "title", "one", "what", "about", "below", "view", "named_by", "due", "statuses", "approve", "moves",
     "acknowledged_in", "settled_by",
     "followed_at", "writers", "fields"}
)  # fmt: skip


def read(path: Path = FILE) -> dict[str, Kind]:
    """The kinds of a file."""
    raw = read_yaml(path)
    found = {name: parsed(path.name, raw, name, entry) for name, entry in raw["kinds"].items()}
    for kind in found.values():
        Checked(path.name, kind, found).require()
    return found


def tables(path: Path = FILE) -> Mapping[str, str]:
    """Entities that have tables of their own: `app.Model` by the name of the vocabulary."""
    return dict(read_yaml(path)["tables"])


def groups(path: Path = FILE) -> Mapping[str, str]:
    """The headings under which kinds are listed, in order."""
    return {name: entry["title"] for name, entry in read_yaml(path)["groups"].items()}


def parsed(file: str, raw: Mapping[str, Any], name: str, entry: Mapping[str, Any]) -> Kind:
    """One kind."""
    strange = sorted(set(entry) - KEYS)
    if strange:
        raise BadInput(f"{file}, {name}: “{strange[0]}” is no key of a kind; known are {', '.join(sorted(KEYS))}.")
    if entry.get("group") not in raw["groups"]:
        raise BadInput(f"{file}, {name}, group: “{entry.get('group')}” is none of the groups above; choose one.")
    try:
        return Kind(
            name=name, group=entry["group"], title=entry["title"], one=entry["one"], what=entry["what"],
            about=tuple(entry["about"]), statuses=dict(entry.get("statuses", {})), view=entry.get("view", "model.view"),
            fields={key: Field(key, **written(each)) for key, each in entry["fields"].items()},
            moves={key: move(key, each) for key, each in entry.get("moves", {}).items()},
            approve=approval(entry["approve"]) if "approve" in entry else None,
            due=Due(**entry["due"]) if "due" in entry else None, below=entry.get("below", False),
            named_by=tuple(entry.get("named_by", ())), acknowledged_in=entry.get("acknowledged_in", ""),
            settled_by=entry.get("settled_by", ""), followed_at=entry.get("followed_at", ""),
            writers=tuple(entry.get("writers", ())),
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise BadInput(f"{file}, {name}: {error}; a key is missing or is none. See the head of the file.") from error


def written(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A field's keys; `choices: duties` stands for the duties of people."""
    choices = entry.get("choices", {})
    return {**entry, "choices": DUTIES if choices == "duties" else dict(choices)}


def move(name: str, entry: Mapping[str, Any]) -> Move:
    """One step."""
    said = dict(entry)
    return Move(name, starts=tuple(said.pop("from")), duties=tuple(said.pop("duties", ())), **said)


def approval(entry: Mapping[str, Any]) -> Approval:
    """Who approves."""
    return Approval(tuple(entry["duties"]), entry.get("distinct_from_author", True), entry.get("workflow", ""))


class Checked:
    """The questions that a kind must stand before anything is made from it."""

    def __init__(self, file: str, kind: Kind, others: Mapping[str, Kind]) -> None:
        self.file, self.kind, self.others = file, kind, others

    def fail(self, place: str, reason: str) -> None:
        """Refuse the file."""
        raise BadInput(f"{self.file}, {self.kind.name}, {place}: {reason}")

    def require(self) -> None:
        """All of them."""
        self.about()
        for each in self.kind.fields.values():
            self.field(each)
        for name in self.kind.named_by:
            if name not in self.kind.fields:
                self.fail("named_by", f"there is no field “{name}”; name one of its fields.")
        if self.kind.settled_by and self.kind.settled_by not in self.kind.fields:
            self.fail("settled_by", f"there is no field “{self.kind.settled_by}”; name one of its fields.")
        for duty in self.kind.writers:
            if duty not in Duty.values:
                self.fail("writers", f"there is no duty “{duty}”.")
        self.verbs()
        self.vocabulary()

    def about(self) -> None:
        """What it may be about, and the right to read it."""
        strange = sorted(set(self.kind.about) - ABOUT)
        if strange or not self.kind.about:
            self.fail(
                "about",
                f"“{', '.join(strange)}” is nothing that an entry can be about; choose of {', '.join(sorted(ABOUT))}.",
            )
        if self.kind.view not in access.MATRIX:
            self.fail("view", f"“{self.kind.view}” is no right of the access table.")
        if self.kind.acknowledged_in and self.kind.acknowledged_in not in self.others:
            self.fail("acknowledged_in", f"there is no kind “{self.kind.acknowledged_in}”.")

    def field(self, each: Field) -> None:
        """Type, choices and target of a field."""
        if each.name in TAKEN:
            self.fail(each.name, "every entry has a column of this name; call the field otherwise.")
        if each.type not in TYPES:
            self.fail(each.name, f"“{each.type}” is no type; choose of {', '.join(sorted(TYPES))}.")
        if (each.type in {"choice", "several"}) != bool(each.choices):
            self.fail(each.name, "a choice needs its values under choices, and no other type has any.")
        if each.is_row and each.of not in self.others and "." not in each.of:
            self.fail(each.name, f"“{each.of}” is neither a kind nor a table; write its name under of.")

    def verbs(self) -> None:
        """Moves lead between statuses that there are, by duties that give the right to them."""
        if self.kind.approve:
            self.duties("approve", self.kind.approve.duties)
            if "approved" not in self.kind.statuses or self.kind.begins == "approved" or self.kind.moves:
                self.fail("approve", "it needs the status approved, not as the first, and goes with no moves.")
        elif "approved" in self.kind.statuses:
            self.fail("statuses", "nobody types “approved”; say under approve who approves.")
        for move_ in self.kind.moves.values():
            strange = sorted({*move_.starts, move_.to} - set(self.kind.statuses))
            if strange:
                self.fail(f"moves, {move_.name}", f"“{strange[0]}” is none of its statuses.")
            if move_.duties:
                self.duties(f"moves, {move_.name}", move_.duties)
            for name in filter(None, (move_.stamp, move_.keeps_reason_in)):
                if name not in self.kind.fields or not self.kind.fields[name].stamped:
                    self.fail(f"moves, {move_.name}", f"“{name}” is no field marked as stamped.")

    def duties(self, place: str, names: tuple[str, ...]) -> None:
        """They exist and give the right to decide."""
        for name in names or ("",):
            role = access.DUTY_ROLE.get(name, "")
            if name not in Duty.values or access.MATRIX[access.REGISTER_APPROVE].get(role, "-") == "-":
                self.fail(place, f"the duty “{name}” gives no right to decide on entries.")

    def vocabulary(self) -> None:
        """Every field and value of the entity of its name is there, so that frameworks find what they ask for."""
        entity = vocabulary().entities.get(self.kind.name)
        if entity is None:
            return
        due = {self.kind.due.name} if self.kind.due else set()
        for name in entity.fields:
            if name not in {*self.kind.fields, *COLUMNS, *due}:
                self.fail(name, "the vocabulary of evidence has this field and the kind has not; add it.")
        for name, values in entity.values.items():
            here = self.kind.statuses if name == "status" else self.kind.fields[name].choices
            if set(here) - set(EVERYWHERE) != {str(value) for value in values} - set(EVERYWHERE):
                self.fail(name, f"its values must be those of the vocabulary: {', '.join(map(str, values))}.")
