"""Makes lists and imports from the kinds of the file, when the program starts."""

from functools import partial
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from registry import access, imports
from registry.actions import registers as actions
from registry.lists import LISTS
from registry.models import RegisterEntry
from registry.registers.forms import sheet_form
from registry.registers.kinds import EVERYWHERE, TABLE, Kind
from registry.registers.lists import listed, said
from registry.registers.reading import FILE, read


def install(path: Path = FILE) -> None:
    """Put the kinds of a file in the place of those that are there; a name that a list has already is refused."""
    found = read(path)
    for name in TABLE:
        del LISTS[name], imports.KINDS[name]
    TABLE.clear()
    for kind in found.values():
        if kind.name in LISTS:
            raise ValueError(f"{path.name}, {kind.name}: a list has this name already; call the kind otherwise.")
        TABLE[kind.name] = kind
        LISTS[kind.name] = listed(kind)
        imports.KINDS[kind.name] = sheet(kind)


def sheet(kind: Kind) -> imports.Kind:
    """How sheets of a kind are entered: by the form of its page and the act behind it."""
    return imports.Kind(
        kind.name, said(kind.title), access.REGISTER_EDIT, partial(sheet_form, kind), "about", RegisterEntry,
        partial(actions.add_entry, kind=kind), is_named=False, statuses=(*kind.statuses, *EVERYWHERE),
        note=_("Rows are drafts; somebody else approves them here.") if kind.approve else _("Rows are entries of yours."),
    )  # fmt: skip
