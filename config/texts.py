"""The catalogue of translations: what the sources say, what stands translated, and the file it is compiled to; `texts`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation.template import templatize

from config.places import ROOT

APPS = ("config", "registry", "risk", "rai", "reports")
CATALOGUE = Path("config", "locale", "zh_Hans", "LC_MESSAGES", "django.po")
# Name of the function without "_lazy" and "_noop": where context, text and plural stand among its arguments.
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
    # Sentences of the checks, which know no Django: templates that are translated where they are shown.
    "InputError": (None, 0, None),
    "Said": (None, 0, None),
}
# Documents whose texts pages translate when they show them, and the keys under which those stand.
DATA = {
    "registry/data/model_card_schema.yaml": {"title"},
    "registry/data/data_standard.yaml": {"title", "protection"},
    "risk/templates_data/pia_template.yaml": {"title", "question", "answers", "criteria", "then", "what"},
    "risk/templates_data/vendor_assessment.yaml": {"title", "question", "answers"},
    **{
        f"risk/templates_data/{name}.yaml": {"name", "title", "question", "help", "answers", "because", "then"}
        for name in (
            "risk_tiering",
            "eu_classification",
            "fria",
            "impact_assessment",
            "threat_model",
            "capability_assessment",
        )
    },
    "risk/templates_data/risk_catalogue.yaml": {"title", "description", "name", "likelihood", "impact"},
    "reports/frameworks/nist_ai_rmf.yaml": {
        "title",
        "name",
        "text_note",
        "summary",
        "statement",
        "cannot_show",
        "shows",
    },
    "reports/frameworks/nist_ai_600_1.yaml": {"title", "name", "text_note", "description", "shows", "cannot_show"},
    "reports/frameworks/eu_ai_act.yaml": {
        *("title", "name", "text_note", "duty", "content", "shows", "cannot_show", "print"),
    },
    "reports/frameworks/iso_42001.yaml": {"title", "name", "text_note", "statement", "shows", "cannot_show"},
    "reports/vocabulary_words.yaml": {"words"},
    "registry/data/evidence_vocabulary.yaml": {"checks"},
    "registry/data/retirement.yaml": {"title", "ask"},
    "registry/data/registers.yaml": {"title", "one", "what", "label", "said", "help", "statuses", "choices"},
    "risk/templates_data/incident_rules.yaml": {"title", "source"},
    "registry/data/report_page.yaml": {"label"},
    "registry/data/intake.yaml": {"ask", "help", "answers", "say", "why", "because"},
    "rai/data/personal_data.yaml": {"label"},
    "rai/data/fairness_guidance.yaml": {"ask", "help", "answers", "title", "reason", "gives_up", "say"},
}
STEP = re.compile(r"(\d+) (.+)")
IDENTIFIER = re.compile(r"[A-Z]+(?:-[A-Z0-9]+)+")
LITERAL = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL = re.compile(rf"\b(\w*gettext|_)\(({LITERAL}(?:, ?{LITERAL})*)")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|%%|\{\w*\}|</?\w+[^>]*>")
HEADER = {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit", "MIME-Version": "1.0"}

# Context and text, by which gettext finds a translation.
Key = tuple[str | None, str]


def main(arguments: list[str]) -> int:
    """Bring the catalogue up to date and compile it; 1 when a text is left to translate."""
    if arguments:
        print("texts takes no arguments: it gathers the texts of the sources, and compiles the catalogue.")
        return 1
    update(ROOT)
    findings = [*missing(ROOT), *faults(ROOT)]
    print("\n".join([*findings, f"{CATALOGUE}: {len(findings)} to mend" if findings else f"{CATALOGUE}: complete"]))
    return 1 if findings else 0


def update(root: Path) -> None:
    """Take new texts into the catalogue, drop those that no source says any more, and compile it."""
    book, said = opened(root), sources(root)
    known = {key(entry): entry for entry in book}
    book.clear()
    for one in sorted(said, key=lambda key: (key[1], key[0] or "")):
        book.append(entry_for(one, said[one], known.get(one)))
    path = root / CATALOGUE
    path.write_text(str(book).rstrip("\n") + "\n", encoding="utf-8")
    path.with_suffix(".mo").write_bytes(book.to_binary())


def opened(root: Path) -> Any:
    """The catalogue as it is written; an empty one where there is none yet."""
    import polib

    path = root / CATALOGUE
    book = polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile(wrapwidth=0)
    book.metadata = {**HEADER, "Language": "zh_Hans", "Plural-Forms": "nplurals=1; plural=0;"}
    book.metadata_is_fuzzy = []
    return book


def key(entry: Any) -> Key:
    """What gettext finds an entry by."""
    return entry.msgctxt, entry.msgid


def entry_for(one: Key, found: tuple[str, set[str]], known: Any) -> Any:
    """The entry of a text, with the translation that it had."""
    import polib

    plural, places = found
    forms = known and ([known.msgstr, *known.msgstr_plural.values()])
    said = next((form for form in forms or [] if form), "")
    entry = polib.POEntry(msgctxt=one[0], msgid=one[1], occurrences=[(place, "") for place in sorted(places)])
    entry.flags = ["python-format"] if re.search(r"%(?:\(\w+\))?[sd]|%%", one[1] + plural) else []
    if plural:
        entry.msgid_plural, entry.msgstr_plural = plural, {0: said}
    else:
        entry.msgstr = said
    return entry


# ---- what is wrong


def missing(root: Path) -> Iterator[str]:
    """One line for each text of the sources without a translation."""
    done = {key(entry) for entry in opened(root) if "fuzzy" not in entry.flags and all(spoken(entry))}
    for one, (_, places) in sorted(sources(root).items(), key=lambda item: item[0][1]):
        if one not in done:
            yield f"{sorted(places)[0]}: “{one[1]}” is not translated; run `manage.py texts`, then fill in {CATALOGUE}"


def faults(root: Path) -> Iterator[str]:
    """One line for each translation that lost a placeholder, and one for a compiled file that is not of this catalogue."""
    book = opened(root)
    for entry in book:
        wanted = placeholders(entry.msgid_plural or entry.msgid)
        for text in filter(None, spoken(entry)):
            if placeholders(text) != wanted:
                yield f"{CATALOGUE}: “{text}” must hold the placeholders {' '.join(wanted) or '(none)'}"
    compiled = (root / CATALOGUE).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != book.to_binary():
        yield f"{compiled.relative_to(root)} is not what {CATALOGUE.name} compiles to; run `manage.py texts`"


def spoken(entry: Any) -> list[str]:
    """The translations of an entry: one, or one for each number."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def placeholders(text: str) -> list[str]:
    """What a translation must keep; a percent sign counts once, however often it stands."""
    found = PLACEHOLDER.findall(text)
    return sorted({"%%"} & set(found)) + sorted(one for one in found if one != "%%")


# ---- what the sources say


def sources(root: Path) -> dict[Key, tuple[str, set[str]]]:
    """Every text of the apps with its plural, if it has one, and the files that say it."""
    said: dict[Key, tuple[str, set[str]]] = {}
    for path in files(root):
        place = path.relative_to(root).as_posix()
        for context, text, plural in texts(path):
            kept, places = said.get((context, text), ("", set()))
            said[context, text] = (kept or plural, places | {place})
    return said


def files(root: Path) -> Iterator[Path]:
    """Python files and templates of the apps, and their documents with texts."""
    for app in APPS:
        for pattern in ("**/*.py", "templates/**/*.html", "templates/**/*.txt"):
            yield from sorted((root / app).glob(pattern))
    yield from (root / name for name in sorted(DATA) if (root / name).exists())


def texts(path: Path) -> Iterator[tuple[str | None, str, str]]:
    """Context, text and plural of each text in a file; a plural that is not there is empty."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        keys = next(keys for name, keys in DATA.items() if path.as_posix().endswith(name))
        yield from ((None, text, "") for text in in_document(yaml.safe_load(source), keys))
        return
    for name, words in in_code(source) if path.suffix == ".py" else in_template(source):
        found = CALLS.get(name.removesuffix("_lazy").removesuffix("_noop"))
        if found:
            context, text, plural = (words[at] if at is not None and at < len(words) else None for at in found)
            if text:
                yield context, text, plural or ""


def in_code(source: str) -> Iterator[tuple[str, list[str | None]]]:
    """Name and arguments of each call in Python; what is no constant text is None."""
    tree = list(ast.walk(ast.parse(source)))
    names = {
        name.asname or name.name: name.name
        for node in tree
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
    }
    for node in tree:
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            values = [getattr(argument, "value", None) for argument in node.args]
            yield names.get(name, name), [value if isinstance(value, str) else None for value in values]


def in_template(source: str) -> Iterator[tuple[str, list[str | None]]]:
    """Name and arguments of each call that Django makes of a template's tags."""
    for name, words in CALL.findall(templatize(source)):
        yield name, [ast.literal_eval(word) for word in re.findall(LITERAL, words)]


def in_document(value: Any, keys: set[str]) -> Iterator[str]:
    """The texts that stand under the keys of a document, however deep."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from spoken_value(inner) if key in keys else in_document(inner, keys)


def spoken_value(value: Any) -> Iterator[str]:
    """A text; of a list, numbered steps; of a mapping, its texts, or its keys where those are what is read."""
    if isinstance(value, str) and not IDENTIFIER.fullmatch(value):
        yield value
    elif isinstance(value, list):
        yield from (step[2] for step in map(STEP.match, map(str, value)) if step)
    elif isinstance(value, dict):
        yield from (text if isinstance(text, str) else key_in_words(key) for key, text in value.items())


def key_in_words(key: str) -> str:
    """A key as people read it: `under_100000` is “Under 100,000”."""
    words = re.sub(r"\d{4,}", lambda number: f"{int(number.group()):,}", key.replace("_", " "))
    return words[:1].upper() + words[1:]
