"""Whatever people type or upload is shown as text: markup in any text column opens no element and no script."""

import itertools
import random
from html.parser import HTMLParser

import pytest
from django.db import models
from django.test import Client

from registry.models import ModelCard
from tests import factories
from tests.authz.test_addresses import OPEN, address_of, pages, things
from tests.authz.world import make_world

# Ways out of where a text stands: an element, an attribute in either quote, a title, a text box, a comment, a script.
BEFORE = ("", '"', "'", '">', "'>", "</title>", "</textarea>", "</option></select>", "-->", "</script>", "</style>",
          "]]>", "`", "\\", "&quot;>", "%22%3E")  # fmt: skip
MARKUP = (
    "<xss>", "<xss onclick=xss()>", "<script>xss()</script>", "<img src=x onerror=xss()>", "<svg/onload=xss()>",
    "<a href=javascript:xss()>xss</a>", "<iframe srcdoc='<script>xss()</script>'>", "<details open ontoggle=xss()>",
    "<style>@import 'xss'</style>", "<base href=//xss.example>", "<form action=//xss.example>", "<math><xss>",
    "javascript:xss()", "data:text/html,<script>xss()</script>", " onfocus=xss() autofocus ", "<!--xss", "{{ xss }}",
    "{% xss %}", "<meta http-equiv=refresh content='0;url=//xss.example'>", "＜script＞xss()＜/script＞",
)  # fmt: skip
PAYLOADS = [before + markup for before, markup in itertools.product(BEFORE, MARKUP)][:300]
# Columns that are no text of people: words that the program chooses, digests, keys.
BY_PROGRAM = {
    "path", "digest", "url", "sha256", "media_type", "object_type", "source_type", "target_type", "kind", "code", "hash",
    "slug", "rule", "language", "password", "check_slug", "framework", "fingerprint", "key_fingerprint", "template",
    "template_version", "question", "answer", "policy_digest", "subject_digest", "bound_digest", "catalogue_ref",
    "auth_level", "overall_level", "inherent_level", "residual_level", "level", "assessment_level", "role", "signature", "algorithm", "public_pem",
    "statement", "email", "token_key",
}  # fmt: skip


class Opened(HTMLParser):
    """Collects what a browser would take from the texts as markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.inside = tag if tag in {"script", "style"} else ""
        for name, value in attrs:
            address = name in {"href", "src", "action", "formaction", "srcdoc", "content"} and "xss" in (value or "")
            runs = address and (value or "").strip().lower().startswith(("javascript:", "data:", "//", "<"))
            if name.startswith("on") or "xss" in name or runs:
                self.found.append(f"<{tag} {name}={value!r}>")
        if "xss" in tag or tag in {"base", "iframe", "math"}:
            self.found.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside and "xss" in data:
            self.found.append(f"{self.inside}: {data}")


def text_columns() -> list[tuple[type, models.Field]]:
    """Every column of the product's tables that holds a text of people."""
    from django.apps import apps

    tables = [
        table for app in ("registry", "risk", "rai", "reports") for table in apps.get_app_config(app).get_models()
    ]
    return [
        (table, field) for table in tables if not table.__name__.startswith(("Audit", "Kept"))
        for field in table._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices and not field.is_relation
        and field.name not in BY_PROGRAM
    ]  # fmt: skip


def plant(payloads: list[str], draw: random.Random) -> int:
    """Write a payload into every text column of every row; how many columns took one."""
    columns = text_columns()
    for table, field in columns:
        for pk in table._base_manager.values_list("pk", flat=True):
            text = f"xss{draw.randrange(10**6)}{draw.choice(payloads)}"[: field.max_length or 300]
            # Not through the actions: some of these texts would be refused there, and the pages must not rely on it.
            models.QuerySet(table).filter(pk=pk).update(**{field.name: text})
    for card in ModelCard._base_manager.all():
        fields = {name: f"xss{draw.choice(payloads)}" for name in card.fields}
        models.QuerySet(ModelCard).filter(pk=card.pk).update(fields=fields)
    return len(columns)


@pytest.mark.long
def test_markup_in_any_text_opens_nothing_on_any_page(cast, capsys, amount, seed):
    """300 payloads (a seeded tenth by default) over every text column, read on every page that shows a thing or a list."""
    world = make_world(cast)
    factories.make_system(cast)
    draw, client = random.Random(seed), Client()
    sample, opened, shown = draw.sample(PAYLOADS, amount(len(PAYLOADS))), [], 0
    urls = [address_of(one, world) for one in things()]
    urls += [one.url({}) for one in pages() if not one.arguments and one.name not in OPEN | {"logout"}]
    for start in range(0, len(sample), 100):
        columns = plant(sample[start : start + 100], draw)
        for person, places in ((cast.owner, urls), (cast.risk_officer, urls), (cast.administrator, ["/people/", "/"])):
            client.force_login(person)
            for url in places:
                answer = client.get(url)
                if not answer.headers.get("Content-Type", "").startswith("text/html"):
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"
                    continue
                assert answer.status_code < 500
                shown += b"xss" in answer.content
                parser = Opened()
                parser.feed(answer.content.decode())
                opened += [(url, one) for one in parser.found]
    assert opened == []
    assert shown > 60, "the payloads are on the pages at all"
    with capsys.disabled():
        print(f"\nstored markup: {len(sample)} payloads in {columns} text columns, seen on {shown} pages, none opened")


def test_the_parser_of_this_test_finds_what_opens():
    """It can fail: of the payloads that are markup as they stand, each is found when it is not escaped."""
    for markup in MARKUP:
        if markup.startswith("<") and "!--" not in markup and "meta" not in markup and "style" not in markup:
            parser = Opened()
            parser.feed(f"<p>{markup}</p>")
            assert parser.found, markup
