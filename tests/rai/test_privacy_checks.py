"""Checks of personal data from the request to the page: what the record declares, what a control is worth, and no value anywhere."""

import json

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from rai import actions, declared
from rai.catalogue import CHECKS
from rai.models import CheckRun, MetricBaseline, Predictions
from rai.running import replaying, runs
from registry import jobs
from registry.actions import inventory, register_approval as approval, registers
from registry.models import Evidence
from registry.registers import kind_named
from reports.contents import check_facts
from tests import factories
from tests.rai.test_second_table import asked, worked
from tests.rai.uploads import text_of
from tests.registry import data as data_steps
from tests.risk.steps import answered

# Nobody's: a name, an address, a card with its check digit and a resident's number, which stand nowhere else.
CANARIES = ("canary-quokka@example.com", "4539578763621486", "11010519491231002X", "Quokka Fitzcanary")


def people(n=120):
    """A table in which one row holds what must not be seen again."""
    rows = [f"{place},u{place}@example.com,Person {place},fine,{20 + place // 6}" for place in range(n - 1)]
    email, card, number, name = CANARIES
    rows.append(f'{n - 1},{email},{name},"paid with {card}, id {number}",{20 + n // 6 - 1}')
    return "\n".join(["y,contact,full_name,note,age", *rows]).encode()


def uploaded(cast, version, content=None):
    """A table with the columns of its first line."""
    content = content or people()
    row = actions.upload_predictions(version, content=content, name="rows.csv", actor=cast.owner)
    job = jobs.claim(Predictions, row.pk)
    job.rows, job.columns = (
        content.count(b"\n"),
        [{"name": name} for name in content.split(b"\n")[0].decode().split(",")],
    )
    with transaction.atomic():
        jobs.finish(job)
    return Predictions.objects.get(pk=row.pk)


def judged(cast, version, table, slug, **parameters):
    """The finished run, without pictures."""
    run = asked(cast, version, table, slug, **parameters)
    job = jobs.claim(CheckRun, run.pk)
    runs.record_outcome(job, CHECKS[slug], runs.resolved(CHECKS[slug].compute)(job), {})
    return CheckRun.objects.get(pk=run.pk)


def declare(cast, about, column, handling, side="input", approve=True):
    """An entry of the register, in force where the privacy officer approved it."""
    row = registers.add_entry(
        about, kind=kind_named("personal_column"), title="", actor=cast.owner, due_on=factories.timezone.localdate(),
        fields={"column": column, "side": side, "handling": handling, "basis": "Customers asked for it; contract."},
    )  # fmt: skip
    if approve:
        approval.submit_entry(row, actor=cast.owner)
        approval.approve_entry(row, reason="It is needed and told.", actor=cast.privacy_officer)
    return row


@pytest.fixture
def version(cast):
    """A draft version of the owner."""
    return factories.make_version(cast)


def everywhere(client, run, language):
    """All that is shown of a run: its page, figures, picture and JSON, and all that the chapter of a report is printed from."""
    client.cookies["django_language"] = language
    addresses = [run.get_absolute_url(), *(reverse(name, args=[run.pk]) for name in ("check-figures", "check-chart"))]
    addresses.append(reverse("evidence-outcome", args=[run.evidence.pk]))
    with translation.override(language):
        told = check_facts(run.evidence)
    return [*(text_of(client.get(address)) for address in addresses), json.dumps(told, ensure_ascii=False)]


def test_what_is_found_and_not_declared_fails_and_shows_no_value(client, cast, version):
    """S-094, S-095: columns and counts in both languages; a value of a cell nowhere, not in what is stored either."""
    table = uploaded(cast, version)
    client.force_login(cast.auditor)
    output = judged(cast, version, table, "pii_output")
    run = worked(asked(cast, version, table, "pii_input"))
    assert (run.verdict, run.evidence.shows, output.verdict) == ("fail", ["privacy.pii_input"], "fail")
    english, chinese = (everywhere(client, run, language) for language in ("en", "zh-hans"))
    assert "Column “contact”: E-mail addresses (120)" in english[0] and "Nothing is declared about it." in english[0]
    assert "列“contact”：电子邮件地址 (120)" in chinese[0] and "note" in chinese[0]
    assert "Column “contact”" in english[-1] and "列“contact”" in chinese[-1]
    stored = [json.dumps(row.outcome) for row in Evidence.objects.all()]
    assert [canary for canary in CANARIES for text in (*english, *chinese, *stored) if canary in text] == []


def test_only_what_the_privacy_officer_approved_lets_a_column_through(cast, version):
    """S-094: a draft declares nothing; who asks for the check cannot declare anything either."""
    table = uploaded(cast, version, b"y,contact\n" + b"".join(b"1,u%d@example.com\n" % n for n in range(60)))
    draft = declare(cast, version.home_system, "contact", "allowed", approve=False)
    given = [{"column": "contact", "handling": "allowed", "entry": ""}]
    run = judged(cast, version, table, "pii_input", declared=given)
    assert (run.verdict, run.parameters["declared"]) == ("fail", [])
    approval.submit_entry(draft, actor=cast.owner)
    approval.approve_entry(draft, reason="It is needed and told.", actor=cast.privacy_officer)
    run = judged(cast, version, table, "pii_input")
    assert (run.verdict, run.parameters["declared"][0]["entry"]) == ("pass", str(draft.pk))
    assert declared.of_output(version) == []


def test_of_two_declarations_the_stricter_holds_and_data_of_the_version_count(cast, version):
    """S-094: entries about its system, and about the data sets that it uses; a side that is not asked for is not read."""
    data = data_steps.described(cast)
    declare(cast, data, "mail", "masked")
    assert declared.of_input(version) == []
    inventory.add_link(
        version, relation="trained_on", purpose="To learn from", target=data_steps.version_of(data), actor=cast.owner
    )
    declare(cast, version.home_system, "mail", "allowed", side="both")
    assert [(one["column"], one["handling"]) for one in declared.of_input(version)] == [("mail", "masked")]
    assert [(one["column"], one["handling"]) for one in declared.of_output(version)] == [("mail", "allowed")]


def test_a_limit_of_the_system_takes_the_place_of_the_usual_one(cast, version):
    """S-095: what may be is set beforehand by others."""
    factories.make_limit(cast, version.home_system, slug="pii_output", rule="exposed_share<=0.05")
    answers = b"".join(b"%s\n" % (b"a@example.com" if n == 7 else b"yes") for n in range(400))
    run = judged(cast, version, uploaded(cast, version, b"answer\n" + answers), "pii_output")
    (entry,) = run.evidence.outcome["thresholds"]
    assert (entry["rule"], entry["value"], entry["verdict"]) == ("exposed_share<=0.05", 1 / 400, "pass")
    assert MetricBaseline.objects.get().slug == "pii_output"


def test_people_who_stand_alone_fail_and_the_page_says_by_which_columns(client, cast, version):
    """S-093: what must not be told is judged as soon as it is named."""
    content = b"age,zip,ill\n" + b"".join(b"%d,%d,%d\n" % (n % 7, n, n % 2) for n in range(60))
    table = uploaded(cast, version, content)
    crowd = judged(cast, version, table, "reidentification", quasi=["age"], sensitive="ill")
    assert (crowd.verdict, crowd.evidence.shows) == ("pass", ["privacy.reidentification"])
    assert [entry["rule"] for entry in crowd.evidence.outcome["thresholds"]] == ["smallest_group>=5", "l_diversity>=2"]
    run = judged(cast, version, table, "reidentification")
    assert (run.verdict, run.evidence.outcome["quasi"]["columns"]) == ("fail", ["age", "zip"])
    client.force_login(cast.auditor)
    page = text_of(client.get(run.get_absolute_url()))
    assert "Told apart by age, zip" in page and "Without “zip” the smallest group would have 8 rows." in page


@pytest.mark.parametrize(
    ("slug", "part", "control", "is_clean"),
    [("pii_input", "input", "PIA-I-08", True), ("pii_input", "input", "PIA-I-08", False), ("pii_output", "output", "PIA-O-05", True)],
)  # fmt: skip
def test_an_answer_about_masking_counts_in_full_only_with_a_run_that_passed(
    cast, version, slug, part, control, is_clean
):
    """S-094, S-095: the assessment does not believe that data are masked; it asks the check."""
    content = b"y,text\n" + b"1,[redacted]\n0,fine\n" * 60 if is_clean else people()
    run = judged(cast, version, uploaded(cast, version, content), slug)
    assert run.verdict == ("pass" if is_clean else "fail")
    assert (control not in answered(cast, version.home_system).parts.get(component=part).unproven) == is_clean


@pytest.mark.long
def test_each_check_comes_out_again_as_it_was_stored(cast, version):
    """P6, S-093, S-094, S-095: also after the record has changed."""
    declare(cast, version.home_system, "contact", "allowed", side="both")
    table = uploaded(cast, version)
    found = [judged(cast, version, table, slug).evidence for slug in ("pii_output", "reidentification")]  # fmt: skip
    declare(cast, version.home_system, "contact", "blocked", side="both")
    for evidence in Evidence.objects.filter(pk__in=[one.pk for one in found]):
        replay = replaying.replayed(evidence)
        assert replay.is_same, replay.differences
    assert CheckRun.objects.count() == 2
