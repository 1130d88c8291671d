"""The rating rule, cell by cell, and a catalogue that holds (S-099, S-104)."""

import pytest

from registry.errors import BadInput
from risk.catalogue import FILE, catalogue, parsed

# Rows: likelihood 1 to 5; columns: impact 1 to 5; worked out by hand from the bands 1–4, 5–9, 10–16, 17–25.
TABLE = ("LLLLM", "LLMMH", "LMMHH", "LMHHC", "MHHCC")
NAMES = {"L": "low", "M": "medium", "H": "high", "C": "critical"}
CELLS = [(row + 1, column + 1, NAMES[TABLE[row][column]]) for row in range(5) for column in range(5)]


@pytest.mark.parametrize(("likelihood", "impact", "level"), CELLS)
def test_every_cell_of_the_rating_table(likelihood, impact, level):
    assert catalogue().level(likelihood, impact) == level


@pytest.mark.parametrize("harm", ["safety", "rights"])
@pytest.mark.parametrize(
    ("likelihood", "level"), [(1, "high"), (2, "high"), (3, "high"), (4, "critical"), (5, "critical")]
)
def test_gravest_impact_on_safety_or_rights_is_at_least_high(harm, likelihood, level):
    assert catalogue().level(likelihood, 5, harms=["legal", harm]) == level


def test_gravest_impact_on_anything_else_follows_the_product():
    assert catalogue().level(1, 5, harms=["financial"]) == "medium"
    assert catalogue().level(1, 4, harms=["safety"]) == "low"


@pytest.mark.parametrize("step", [0, 6, -1, 2.5, "3", None, True])
def test_a_step_outside_the_scale_is_refused(step):
    with pytest.raises(BadInput, match="choose 1 to 5") as refusal:
        catalogue().level(3, step)
    assert refusal.value.field == "impact"


def test_the_shipped_catalogue_is_complete():
    found = catalogue()
    assert len(found.risks) == 89 and len(found.controls) == 54
    assert {risk.component for risk in found.risks.values()} == {"input", "model", "output", "system", "organisation"}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("{from: 10, to: 16, level: high}", "{from: 11, to: 16, level: high}", "1 to 25"),
        ("controls: [CTL-01, CTL-02, CTL-25]", "controls: [CTL-01, CTL-99]", "CTL-99"),
        ("id: RSK-002", "id: RSK-001", "twice"),
        ("- 5 severe", "- 6 severe", "steps 1 to 5"),
    ],
)
def test_a_catalogue_that_does_not_hold_is_refused(tmp_path, old, new, named):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    place = tmp_path / "risks.yaml"
    place.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=named):
        parsed(place)
