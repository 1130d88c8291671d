"""Catalogues written for tests: a sound one in OSCAL and one in our own form, and what breaks them."""

import json
from copy import deepcopy
from typing import Any

OSCAL: dict[str, Any] = {
    "catalog": {
        "uuid": "7a1f3d0e-2f7e-4c55-9a53-0c3c9e5d1a10",
        "metadata": {"title": "House controls for AI", "version": "2026-1", "oscal-version": "1.1.2"},
        "groups": [
            {
                "id": "in",
                "title": "Before use",
                "groups": [{"id": "in-data", "title": "Data", "controls": [{"id": "in-3", "title": "Know the source"}]}],
                "controls": [
                    {
                        "id": "in-1",
                        "title": "Name an owner",
                        "params": [{"id": "in-1_p", "label": "days"}],
                        "parts": [
                            {"id": "in-1_s", "name": "statement", "prose": "Every system has an owner within",
                             "parts": [{"id": "in-1_a", "name": "item", "prose": "{{ insert: param, in-1_p }} days."}]},
                            {"id": "in-1_g", "name": "guidance", "prose": "Left out, for it asks nothing."},
                        ],
                        "controls": [{"id": "in-1.1", "title": "Name a deputy"}],
                    },
                    {"id": "in-2", "title": "Was here once", "props": [{"name": "status", "value": "withdrawn"}]},
                ],
            },
            {"id": "use", "title": "In use", "controls": [{"id": "use-1", "title": "Watch it"}]},
        ],
    }
}  # fmt: skip
OWN = """
framework: house_rules
name: House rules
version: "1"
groups:
  - id: A
    title: Owners
    controls:
      - id: A-1
        title: Systems have owners
        statement: Each system names who answers for it.
"""
RULES = """
framework: house_controls
rules:
  in-1:
    like: [nist_ai_rmf GOVERN 2.1]
  use-1:
    applies_when: always
    automation: full
    rests_on: [documented]
    evidence:
      - {id: use-1.a, kind: record, entity: ai_system, for: systems_in_use, filled: [business_owner], weight: required,
         shows: Systems in use have an owner}
"""


def oscal(**changes: Any) -> dict[str, Any]:
    """A copy of the catalogue; `changes` replace keys of its metadata."""
    found = deepcopy(OSCAL)
    found["catalog"]["metadata"] |= changes
    return found


def text(raw: dict[str, Any]) -> bytes:
    """A catalogue as the bytes of a file."""
    return json.dumps(raw).encode()


def group(raw: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """A group of the catalogue."""
    found: dict[str, Any] = raw["catalog"]["groups"][number]
    return found
