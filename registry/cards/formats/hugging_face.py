"""The model card of Hugging Face: YAML metadata between two rules, then Markdown under the template's headings."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import yaml

from registry.cards.figures import Figure, read_line
from registry.cards.formats import results
from registry.cards.formats.mapping import Doc, Place, Schema, break_of, get, put, rows_of
from registry.cards.formats.untrusted import mapping, yaml_of
from registry.cards.schema import Field

EXACT_KEY: Final = "attestry"
# The first line that is three hyphens ends it, also where it holds nothing.
BLOCK: Final = re.compile(r"\A\s*---\n((?:.*?\n)??)---[ \t]*(?:\n|\Z)", re.DOTALL)
COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
HEADING: Final = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*")
BULLET: Final = re.compile(r"[-*]\s+\*\*(.+?):?\*\*:?\s*(.*)")
PLACEHOLDER: Final = "[More Information Needed]"
ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
TAG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# The headings of the template by its keys, in its order. A number of marks, then the words; bullets have none.
HEADINGS: Final = {
    "model_description": "### Model Description",
    "developers": "Developed by",
    "paper": "Paper",
    "direct_use": "### Direct Use",
    "downstream_use": "### Downstream Use",
    "out_of_scope_use": "### Out-of-Scope Use",
    "bias_risks_limitations": "## Bias, Risks, and Limitations",
    "bias_recommendations": "### Recommendations",
    "preprocessing": "#### Preprocessing",
    "training_regime": "#### Training Hyperparameters",
    "testing_data": "#### Testing Data",
    "testing_factors": "#### Factors",
    "testing_metrics": "#### Metrics",
    "results": "### Results",
    "model_examination": "## Model Examination",
    "hardware_type": "Hardware Type",
    "model_specs": "### Model Architecture and Objective",
    "citation_bibtex": "## Citation",
    "model_card_authors": "## Model Card Authors",
    "model_card_contact": "## Model Card Contact",
}
# Other words under which cards have the same.
ALSO: Final = {
    "model summary": "model_description", "model details": "model_description", "intended use": "direct_use",
    "intended uses": "direct_use", "intended uses & limitations": "direct_use", "uses": "direct_use",
    "limitations": "bias_risks_limitations", "limitations and bias": "bias_risks_limitations",
    "bias, risks and limitations": "bias_risks_limitations", "evaluation results": "results", "evaluation": "results",
    "training regime": "training_regime", "bibtex": "citation_bibtex", "repository": "paper", "demo": "paper",
    "training hyperparameters": "training_regime", "training procedure": "preprocessing",
}  # fmt: skip


def plain_heading(words: str) -> str:
    """A heading or the name of a bullet without marks, as it is looked up."""
    return re.sub(r"\s*[\[(]optional[\])]", "", words.strip("# ").lower()).strip(" :*")


KEYS: Final = {plain_heading(words): key for key, words in HEADINGS.items()} | ALSO


# ---- metadata


def write_tag(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A task by its tag; any other text has no place in the metadata."""
    if TAG.fullmatch(text):
        put(doc, f"front.{path}", text)


def read_front(doc: Doc, path: str, spec: Field) -> str:
    """A value of the metadata; several as entries."""
    return break_of(spec).join(str(row) for row in rows_of(doc, f"front.{path}") if isinstance(row, str))


def write_front(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A value of the metadata, or a list of them."""
    entries = text.split(break_of(spec))
    put(doc, f"front.{path}", entries if len(entries) > 1 or spec.type == "list" else text)


def write_licence(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A licence by its tag; another one by its name."""
    tag = text.lower()
    if TAG.fullmatch(tag.replace(".", "-")):
        put(doc, "front.license", tag)
        return
    put(doc, "front.license", "other")
    put(doc, "front.license_name", text)


def read_licence(doc: Doc, path: str, spec: Field) -> str:
    """The name of a licence that has no tag, else the tag."""
    name, link = (read_front(doc, key, spec) for key in ("license_name", "license_link"))
    return " ".join(filter(None, (name, link))) or read_front(doc, path, spec)


def write_carbon(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Kilograms as grams; what follows the number is its source."""
    number, _space, told = text.partition(" ")
    try:
        grams = Decimal(number.rstrip(";,")) * 1000
    except InvalidOperation:
        return
    if grams.is_finite():
        put(doc, f"front.{path}", {"emissions": float(grams)} | ({"source": told} if told else {}))


def read_carbon(doc: Doc, path: str, spec: Field) -> str:
    """Grams as kilograms, with where the number comes from."""
    found = get(doc, f"front.{path}")
    row = found if isinstance(found, dict) else {"emissions": found}
    try:
        kilograms = Decimal(results.text(row, "emissions")) / 1000
    except InvalidOperation:
        return ""
    return f"{kilograms.normalize():f} {results.text(row, 'source')}".strip()


# ---- text


def write_body(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A part of the text."""
    put(doc, f"body.{path}", text)


def read_body(doc: Doc, path: str, spec: Field) -> str:
    """A part of the text."""
    return str(get(doc, f"body.{path}") or "")


def write_results(doc: Doc, path: str, text: str, spec: Field) -> None:
    """The lines as they are, and those with a number in the model index as well."""
    put(doc, f"body.{path}", text)
    found = [one for one in map(read_line, text.split("\n")) if one]
    metrics = [{"type": one.name.strip(), "value": float(one.value), "name": one.name.strip()} for one in found]
    if metrics:
        put(doc, "front.model-index", [{
            "name": str(get(doc, "front.model_name") or "model"),
            "results": [{
                "task": {"type": str(get(doc, "front.pipeline_tag") or "other")},
                "dataset": {"name": "evaluation data", "type": "other"},
                "metrics": metrics,
            }],
        }])  # fmt: skip


def read_results(doc: Doc, path: str, spec: Field) -> str:
    """The lines of the text, then those of the model index whose number the text does not name."""
    text = read_body(doc, path, spec)
    lines = [line for line, value in indexed(doc) if value not in text and shortest(value) not in text]
    return "\n".join(filter(None, (text, *dict.fromkeys(lines))))


def shortest(value: str) -> str:
    """A number without needless digits."""
    try:
        return f"{Decimal(value).normalize():f}"
    except InvalidOperation:
        return value


def indexed(doc: Doc) -> list[tuple[str, str]]:
    """Every metric of the model index as a line with its data set, and its value."""
    found = []
    for entry in rows_of(doc, "front.model-index"):
        for result in rows_of(entry, "results"):
            data = results.text(get(result, "dataset"), "name") or results.text(get(result, "dataset"), "type")
            for row in rows_of(result, "metrics"):
                name, value = results.text(row, "name") or results.text(row, "type"), results.text(row, "value")
                found.append((str(Figure(name, value, rest=f", on {data}" if data else "")), value))
    return found


def read_name(doc: Doc, path: str, spec: Field) -> str:
    """The name of the metadata, of the model index, or of the first heading."""
    index = rows_of(doc, "front.model-index")
    return (
        read_front(doc, path, spec) or (results.text(index[0], "name") if index else "") or str(doc.get("title") or "")
    )


FRONT: Final = Place(write_front, read_front)
SCHEMA: Final = Schema(
    "hugging_face",
    {
        "model_name": Place(write_front, read_name),
        "pipeline_tag": Place(write_tag, read_front),
        "base_model": FRONT,
        "license": Place(write_licence, read_licence),
        "language": FRONT,
        "datasets": FRONT,
        "co2_eq_emissions": Place(write_carbon, read_carbon),
        "results": Place(write_results, read_results),
    },
    default=Place(write_body, read_body),
    main=frozenset({"limitations"}),
)


# ---- the file


def write(texts: Mapping[str, str]) -> bytes:
    """A card; exact copies stand in the metadata under a key of our own."""

    def render(exact: Mapping[str, str]) -> bytes:
        doc: Doc = {"front": {}, "body": {}}
        SCHEMA.fill(doc, texts)
        front = doc["front"]
        dumped = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000) if front else ""
        dumped += f"{EXACT_KEY}: {quoted(exact)}\n" if exact else ""
        return f"---\n{dumped}---\n\n{body_of(doc['body'], texts.get('name', ''))}".encode()

    content: bytes = SCHEMA.lossless(render, lambda made: taken(parsed(made.decode())), texts)
    return content


def quoted(exact: Mapping[str, str]) -> str:
    """The copies as JSON, which is YAML as well; signs that YAML would fold or refuse are written as escapes."""
    dumped = json.dumps(dict(exact), ensure_ascii=False)
    return ESCAPED.sub(lambda sign: f"\\u{ord(sign.group()):04x}", dumped)


def body_of(parts: Mapping[str, str], name: str) -> str:
    """The text under the headings of the template."""
    blocks = [f"# Model Card for {' '.join(name.split())}"] if name else []
    for key, words in HEADINGS.items():
        if key in parts:
            blocks.append(f"{words}\n\n{parts[key]}" if words.startswith("#") else f"- **{words}:** {parts[key]}")
    return "\n\n".join(blocks) + "\n"


def parsed(text: str) -> Doc:
    """Metadata, parts of the text by the template's keys, the title, and parts that the template does not know."""
    block = BLOCK.match(text)
    first = text[: block.start(1)].count("\n") + 1 if block else 1
    front = mapping(yaml_of(block.group(1), first_line=first)) if block else {}
    body, title, other = sections(text[block.end() :] if block else text)
    return {"front": front, "body": body, "title": title, "other": other}


def sections(text: str) -> tuple[dict[str, str], str, dict[str, str]]:
    """The parts under known headings and bullets, the title, and the parts under other headings."""
    parts: dict[str, list[str]] = {}
    other: dict[str, list[str]] = {}
    title, here, fenced, is_listed = "", other.setdefault("", []), False, False
    for line in COMMENT.sub("", text).split("\n"):
        fenced ^= line.startswith("```")
        heading, bullet = (None, None) if fenced else (HEADING.fullmatch(line), BULLET.fullmatch(line))
        key = KEYS.get(plain_heading(heading[2] if heading else bullet[1] if bullet else ""), "")
        if heading and heading[1] == "#" and not title:
            title = heading[2].removeprefix("Model Card for ")
            here = other.setdefault("", [])
        elif heading:
            here, is_listed = parts.setdefault(key, []) if key else other.setdefault(heading[2], []), False
        elif bullet and (key or is_listed):
            here, is_listed = parts.setdefault(key, []) if key else other.setdefault(bullet[1], []), True
            here.append(bullet[2])
        else:
            here.append(line)
    return told(parts), title, told(other)


def told(parts: Mapping[str, list[str]]) -> dict[str, str]:
    """Parts that say something."""
    texts = {key: "\n".join(lines).replace(PLACEHOLDER, "").strip() for key, lines in parts.items()}
    return {key: text for key, text in texts.items() if text}


def taken(doc: Doc) -> dict[str, str]:
    """The texts of a card."""
    copies: Any = get(doc, f"front.{EXACT_KEY}")
    exact = {key: str(text or "") for key, text in copies.items()} if isinstance(copies, dict) else {}
    return {key: text for key, text in {**SCHEMA.taken(doc), **exact}.items() if text}
