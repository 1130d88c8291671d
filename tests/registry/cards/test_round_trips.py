"""Cards of other formats come in and go out: valid for the published schemas, and nothing that has a place is lost."""

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from registry.cards import schema
from registry.cards.formats import FORMATS, cyclonedx, hugging_face, model_card_toolkit, require_valid, sagemaker
from registry.cards.formats.untrusted import json_of, leaves
from registry.errors import BadInput

SAMPLES = Path(__file__).parent / "samples"
WRITE = {
    "hugging_face": hugging_face.write, "cyclonedx": cyclonedx.write, "sagemaker": sagemaker.write,
    "google_mct": model_card_toolkit.write,
}  # fmt: skip
ALL = [(slug, path) for slug in WRITE for path in sorted((SAMPLES / slug).iterdir())]
# Lines that another grammar could take for its own.
PIECES = [
    "Card offer", "## Known limits", "accuracy = 0.91 (0.90–0.92), n = 1,000", "[sex=F] tpr = 0.5; run 1f2e", "训练数据 说明",
    "<script>alert(1)</script>", "a: b", "x | y", "x | harms: z", "- **Paper:** z", "---", "\\", "training: 12.5 kWh", "12.50",
    "no", "null", "Maximize AUC", "MIT", "https://a.example/x", "two  spaces", "# head", "&amp;", "\u2028sep", "```", "%", "{}",
    "sha256:" + "a" * 64, "المستخدمون", "🦉", "[More Information Needed]", "<!-- no comment -->", "1e5", "=", "loss = -0", "High",
    "high", "supervised", "apa: cited", "attestry:overview:1: x", "عدد = 0.5", "NaN", "*", "'", '"',
]  # fmt: skip


def ids(slug: str) -> list[str]:
    """The fields of the card that have a place in a format."""
    return [field.id for field in schema() if slug in field.maps_to]


def require_published(slug: str, content: bytes) -> None:
    """Valid for the published schema, by the library of its owners where there is one."""
    if slug == "cyclonedx":
        cyclonedx.require_valid(content, json_of(content))
    elif slug == "hugging_face":
        from huggingface_hub import ModelCard

        card = ModelCard(content.decode(), ignore_metadata_errors=False)
        assert card.data.to_dict() or not yaml.safe_load(content.decode().split("---")[1])
    else:
        name = "sagemaker_model_card.json" if slug == "sagemaker" else "google_model_card.json"
        require_valid(name, json.loads(content, parse_float=Decimal))


# ---- five of each, made by hand in the style of public ones


@pytest.mark.parametrize("slug", WRITE)
def test_there_are_five_cards_of_each_format(slug):
    assert len(list((SAMPLES / slug).iterdir())) == 5


@pytest.mark.parametrize(("slug", "path"), ALL, ids=lambda each: getattr(each, "stem", each))
def test_a_public_style_card_comes_in_and_goes_out_again(slug, path):
    """S-056, S-058: what was read is written validly and reads the same again; no text of the file is lost."""
    content = path.read_bytes()
    require_published(slug, content)
    first = FORMATS[slug].read(content)
    assert first.texts
    written = WRITE[slug](first.texts)
    require_published(slug, written)
    assert FORMATS[slug].read(written).texts == first.texts


@pytest.mark.parametrize(("slug", "path"), ALL, ids=lambda each: getattr(each, "stem", each))
def test_every_value_of_a_file_is_on_the_card_or_named_as_left(slug, path):
    found = FORMATS[slug].read(path.read_bytes())
    if slug == "hugging_face":
        doc = hugging_face.parsed(path.read_text(encoding="utf-8"))
        doc = {"front": doc["front"], "other": doc["other"]}
    else:
        doc = json_of(path.read_bytes())
    told = " ".join(" ".join([*found.texts.values(), *(one.text for one in found.left)]).split()).lower()
    coded = {"type", "unit", "alg", "risk_rating", "activity", "function", "encoding", "bom-ref"}
    for place, text in leaves(doc):
        plain, names = " ".join(text.split()).lower(), place.split(".")
        assert plain in told or names[-1] in coded or len(names) == 1 or "co2" in place, place


def test_a_hub_card_maps_as_a_reader_would_map_it():
    """S-057: use, limits and out of scope reach their fields, carbon becomes kilograms, results keep their data set."""
    found = FORMATS["hugging_face"].read((SAMPLES / "hugging_face" / "ticket-triage.md").read_bytes())
    texts = found.texts
    assert texts["intended_uses"].startswith("Proposing a queue")
    assert texts["out_of_scope"].startswith("Closing tickets")
    assert texts["limitations"].startswith("Short tickets in dialect")
    assert texts["languages"] == "en\nde"
    assert texts["carbon"] == "1.83 measured with a meter at the rack"
    assert "accuracy = 0.902, on Ticket corpus" in texts["results"]
    assert "downstream_uses" not in texts
    assert {one.place for one in found.left} >= {
        "front.library_name",
        "front.tags.0",
        "other.How to Get Started with the Model",
    }


def test_a_bill_of_materials_maps_with_intervals_groups_and_units():
    """S-060: groups at risk and how they fare are read apart; tonnes become kilograms."""
    texts = FORMATS["cyclonedx"].read((SAMPLES / "cyclonedx" / "spam-filter.json").read_bytes()).texts
    assert texts["results"] == "precision = 0.992 (0.989–0.994)"
    assert texts["slice_results"] == "[newsletters] recall = 0.941"
    assert texts["affected"] == "Newsletters of clubs"
    assert (
        texts["fairness"]
        == "Senders from small providers | harms: Mail is read late | mitigation: A list of known senders"
    )
    assert (texts["energy"], texts["carbon"]) == ("training: 38.5 kWh", "4.2")
    assert texts["ethics"] == "Lost mail | Nothing is deleted for thirty days."


def test_tiers_become_ratings_and_a_version_that_is_no_number_is_kept():
    doc = json.loads(sagemaker.write({"risk_tier": "Critical", "version": "2.1-rc1"}))
    assert doc["intended_uses"]["risk_rating"] == "High"
    assert doc["additional_information"]["custom_details"]["attestry:version:1"] == "2.1-rc1"
    assert "model_version" not in doc.get("model_overview", {})


# ---- any texts


@pytest.mark.parametrize("slug", WRITE)
def test_odd_lines_come_back_as_they_were(slug, amount, seed):
    """Nothing that has a place is lost, whatever the text looks like; every file is valid."""
    dice, known = random.Random(seed), ids(slug)
    for _time in range(amount(300)):
        texts = {key: odd_text(dice) for key in known if dice.random() < 0.6}
        texts = {key: text for key, text in texts.items() if text}
        content = WRITE[slug](texts)
        require_published(slug, content)
        assert taken(slug, content) == texts


def taken(slug: str, content: bytes) -> dict[str, str]:
    """The texts of a file; a card without any is refused as one that says nothing."""
    try:
        return FORMATS[slug].read(content).texts
    except BadInput:
        return {}


def odd_text(dice: random.Random) -> str:
    """Some pieces in some order."""
    return dice.choice(["\n", "\n\n", " "]).join(dice.choice(PIECES) for _ in range(dice.randint(1, 5))).strip()


CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0\r")
TEXT = st.text(CHARACTERS, min_size=1, max_size=80).map(str.strip)


@pytest.mark.parametrize("slug", WRITE)
def test_any_text_comes_back_as_it_was(slug):
    """S-056: names in any script, control signs, other line ends."""

    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(st.dictionaries(st.sampled_from(ids(slug)), TEXT, min_size=1, max_size=8))
    def holds(texts: dict[str, str]) -> None:
        texts = {key: text for key, text in texts.items() if text}
        assert taken(slug, WRITE[slug](texts)) == texts

    holds()


@pytest.mark.parametrize("slug", WRITE)
def test_ten_thousand_characters_in_a_field_come_back(slug):
    texts = dict.fromkeys(ids(slug)[:6], "长" * 4000 + " long text" * 600)
    content = WRITE[slug](texts)
    require_published(slug, content)
    assert FORMATS[slug].read(content).texts == texts


def test_a_card_too_large_for_sagemaker_is_refused_with_the_limit():
    with pytest.raises(BadInput, match="100000"):
        sagemaker.write(dict.fromkeys(ids("sagemaker"), "x" * 10000))


def test_a_line_of_hyphens_in_the_text_is_no_metadata():
    """A card without metadata begins with an empty block; the next three hyphens are text."""
    texts = {"evaluated_factors": "---\n\nCard offer\n\n12.50"}
    assert taken("hugging_face", WRITE["hugging_face"](texts)) == texts
