"""Files of strangers: bounded, each key once, no aliases; the refusal names the place."""

import json

import pytest

from registry.cards.formats import FORMATS
from registry.errors import BadInput

ALIASES = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
BILL = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
MODEL = {"type": "machine-learning-model", "name": "m"}


def hub(front: str) -> bytes:
    """A card with these metadata."""
    return f"---\n{front}---\n\n### Direct Use\n\nText.\n".encode()


BAD = [
    ("hugging_face", hub(ALIASES), "Line 3: aliases"),
    ("hugging_face", hub("license: mit\nlicense: apache-2.0\n"), "Line 3: the key “license” stands twice"),
    ("hugging_face", hub("license: [mit\n"), "no YAML"),
    ("hugging_face", hub("a: " + "[" * 40 + "]" * 40 + "\n"), "more than 32 levels"),
    ("hugging_face", hub("- a list\n"), "one object of names and values"),
    ("hugging_face", b"Only words.", "neither metadata"),
    ("hugging_face", b"---\nlicense: \xff\n---\n", "Byte 14"),
    ("hugging_face", b"### Direct Use\n\nan\0other", "Line 3 of the file holds a NUL"),
    ("google_mct", b"x" * 2_000_001, "2000001 bytes"),
    ("google_mct", b'{"model_details": {"name": "a", "name": "b"}}', "“name” comes twice"),
    ("google_mct", b'{"considerations": ' + b"[" * 3000 + b"]" * 3000 + b"}", "32 levels"),
    ("google_mct", b'{"model_details": {"name": NaN}}', "NaN"),
    ("google_mct", b'{"model_details": {"name": "\\ud800"}}', "half of a pair"),
    ("google_mct", b"{\n  'single': 1}", "Line 2, column 3"),
    ("google_mct", b'{"model_details": {"name": 7}}', "model_details.name: 7 is not of type"),
    ("google_mct", b'{"surprise": 1}', "surprise"),
    ("google_mct", b'{"model_details": {"licenses": [{}]}}', "model_details.licenses.0"),
    ("google_mct", b"[]", "one object of names and values"),
    ("sagemaker", b'{"intended_uses": {"risk_rating": "Severe"}}', "intended_uses.risk_rating: 'Severe'"),
    ("sagemaker", json.dumps({"model_overview": {"model_owner": "x" * 1025}}).encode(), "model_overview.model_owner"),
    ("sagemaker", b'{"evaluation_details": [{"name": "a", "metric_groups": [{"name": "b"}]}]}', "metric_groups.0"),
    ("cyclonedx", json.dumps(BILL | {"specVersion": "1.2"}).encode(), "specVersion"),
    ("cyclonedx", json.dumps(BILL | {"metadata": {"component": {**MODEL, "modelCard": {"x": 1}}}}).encode(), "modelCard"),
    ("cyclonedx", json.dumps(BILL | {"metadata": {"component": MODEL}}).encode(), "none of type machine-learning-model"),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "content", "said"), BAD, ids=range(len(BAD)))
def test_a_bad_file_is_refused_and_its_place_is_named(slug, content, said):
    with pytest.raises(BadInput) as refusal:
        FORMATS[slug].read(content)
    assert said in str(refusal.value)
    assert refusal.value.field == "file"


def test_words_that_yaml_takes_for_something_else_stay_words():
    """Norwegian is `no`, a version is 1.10, and a day is no moment."""
    found = FORMATS["hugging_face"].read(hub("language: no\nmodel_name: 1.10\nbase_model: 2024-01-01\n"))
    assert (found.texts["languages"], found.texts["name"], found.texts["base_model"]) == ("no", "1.10", "2024-01-01")
