"""Every address that takes a file, found by walking the addresses, and what goes with the file there."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rest_framework import serializers

from tests.authz.test_routes import patterns

TAKES = "request.FILES"


def ways_in() -> list[str]:
    """The names of the addresses whose code takes files."""
    return sorted({one.name for one in patterns() if takes_files(one.callback)})


def takes_files(view: Any) -> bool:
    """A page that hands files to a form, or a method of the REST API whose payload has a file."""
    if getattr(view, "cls", None) is None:
        return any(TAKES in source(one) for one in (view, *named_in(view)))
    acts = (getattr(view.cls, name) for name in (getattr(view, "actions", None) or {}).values())
    return any(has_file(payload) for act in acts for payload in payloads(act))


def named_in(view: Any) -> Iterator[Callable[..., Any]]:
    """The functions of its module that a view calls."""
    own = inspect.unwrap(view)
    for name in getattr(getattr(own, "__code__", None), "co_names", ()):
        if inspect.isfunction(found := own.__globals__.get(name)):
            yield found


def source(function: Any) -> str:
    """Its text, where it has one."""
    try:
        return inspect.getsource(inspect.unwrap(function))
    except (TypeError, OSError):
        return ""


def payloads(act: Any) -> Iterator[Any]:
    """The payloads that a method of the REST API names."""
    known = inspect.unwrap(act).__globals__
    yield from (known[name] for name in re.findall(r"\b\w+Payload\b", source(act)) if name in known)


def has_file(payload: Any) -> bool:
    """One of its fields is a file, or a list of files."""
    fields = getattr(payload, "_declared_fields", {}).values()
    return any(isinstance(getattr(one, "child", one), serializers.FileField) for one in fields)


@dataclass(frozen=True)
class Way:
    """Who sends, the name the file goes by, the ending that is wanted there, and what goes with it.

    `{number}` is another one each time, `{unit}`, `{model}` and `{version}` are rows of the world.
    """

    person: str = "owner"
    called: str = "file"
    ending: str = ""
    sent: dict[str, str] = field(default_factory=dict)


SENT = {
    "version-new": Way(called="artifact", ending=".onnx", sent={"version": "9.{number}"}),
    "predictions-upload": Way(ending=".parquet", sent={"role": "test"}),
    "supply-upload": Way(ending=".json", sent={"kind": "bill_of_materials"}),
    "version-card-import": Way(ending=".md", sent={"form": "hugging_face"}),
    "artifact-version-new": Way(ending=".json", sent={"version": "9.{number}", "form": "text"}),
    "artifact-version-edit": Way(ending=".txt", sent={"change_note": "A gadget."}),
    "import-new": Way(ending=".xlsx"),
    "vendor-ends-import": Way(ending=".csv", sent={"unit": "{unit}"}),
    "note-check": Way(person="auditor", ending=".note"),
    "assessment-attach": Way(ending=".pdf"),
    "letterhead": Way("administrator", "logo", ".png", {"colour": "#1e40af", "reason": "A gadget."}),
    "pack-stamp": Way(ending=".tsr"),
    "desk-attach": Way(ending=".pdf"),
    "framework-bring": Way(person="risk_officer", ending=".yaml", sent={"slug": "house", "reason": "A gadget."}),
    "entry-attach": Way(ending=".pdf"),
    "api-versions-list": Way(called="artifact", ending=".onnx", sent={"model": "{model}", "version": "8.{number}"}),
    "api-versions-card-import": Way(ending=".md", sent={"form": "hugging_face"}),
    "api-artifacts-versions": Way(ending=".bin", sent={"version": "8.{number}"}),
    "api-predictions-list": Way(ending=".csv", sent={"version": "{version}", "role": "test"}),
    "api-framework-editions-list": Way(
        person="risk_officer", ending=".json", sent={"slug": "house", "reason": "A gadget."}
    ),
    "api-framework-editions-try-out": Way(person="risk_officer", ending=".yaml"),
}  # fmt: skip
# Moves of a register's entry share the code that attaches a file, and have no file of their own.
WITHOUT_A_FILE = {
    "entry-submit", "entry-approve", "entry-send-back", "entry-withdraw", "entry-accept", "entry-move",
}  # fmt: skip
# What a command line takes a file for.
COMMANDS = (
    ("policy", "check", "{file}"),
    ("policy", "dry-run", "{file}"),
    ("framework", "{file}"),
    ("framework", "{file}", "--name", "house"),
    ("verify_audit", "--against", "{file}"),
    ("restore", "{file}", "--verify"),
    ("measure", "group_fairness", "--data", "{file}", "--target", "y", "--prediction", "yhat", "--sensitive", "sex"),
)
