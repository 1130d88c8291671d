"""Frameworks that are brought: taken as data, never met without a rule, approved by two others, upgraded with a list."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from registry.actions import proposals
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Reminder, Task
from registry.reminders import daily
from reports.evaluation import evaluate
from reports.imported import actions, catalogue, lookup, reading
from reports.models import FrameworkEdition
from reports.sources import DjangoFacts
from tests import factories
from tests.policies import writing
from tests.reports import catalogues

pytestmark = pytest.mark.django_db
WHY = "Our own controls, as the board asked for them."


@pytest.fixture
def people(cast):
    """Who governs the whole organisation."""
    return writing.governors(cast)


def brought(people, content=None, *, file="house.json", slug="house_controls", by="author") -> FrameworkEdition:
    """A file that was brought; the sound OSCAL catalogue unless another one is given."""
    sent = catalogues.text(catalogues.OSCAL) if content is None else content
    return actions.bring(content=sent, file=file, slug=slug, reason=WHY, actor=people[by])


def approved(people, row) -> FrameworkEdition:
    """An edition that two others have approved."""
    for name in ("first", "second"):
        proposals.approve(row, reason=WHY, actor=people[name])
    row.refresh_from_db()
    return row


def results(slug="house_controls") -> dict[str, str]:
    """What every control comes to now."""
    now = timezone.now()
    found = evaluate(lookup.framework(slug), DjangoFacts(None, None, now), as_of=now)
    return {entry.requirement.id: entry.result for entry in found.requirements}


# ---- as data


def test_an_oscal_catalogue_becomes_a_framework_without_any_rule(people):
    """F: nothing is invented: every control stands, and each is not met, with the reason said."""
    row = brought(people)
    found = lookup.framework("house_controls")
    assert (row.status, found.name, found.version) == ("in_force", "House controls for AI", "2026-1")
    assert [group.id for group in found.groups] == ["in", "in-data", "use"]
    assert results() == dict.fromkeys(["in-1", "in-1.1", "in-3", "use-1"], "not_met")
    assert found.requirement("in-3").group == ("in", "in-data")
    assert found.requirement("in-1").statement == "Every system has an owner within [days] days."


def test_our_own_form_is_read_from_yaml_and_its_rules_wait_for_two_others(people):
    brought(people, catalogues.OWN.encode(), file="house.yaml", slug="")
    rules = "framework: house_rules\nrules:\n  A-1: {like: [nist_ai_rmf GOVERN 2.1]}\n"
    waiting = brought(people, rules.encode(), file="rules.yaml")
    assert (waiting.status, lookup.framework("house_rules").items) == ("proposed", ())


def test_a_first_catalogue_that_claims_something_waits_for_two_others(people):
    """F: the rules in it could be met."""
    text = (
        catalogues.OWN
        + """\
        applies_when: always
        automation: full
        rests_on: [documented]
        evidence:
          - {id: A-1.a, kind: record, entity: ai_system, for: systems_in_use, filled: [business_owner], weight: required, shows: x}
"""
    )
    assert brought(people, text.encode(), file="house.yaml").status == "proposed"
    with pytest.raises(BadInput):
        lookup.framework("house_rules")


def test_rules_decide_once_two_others_have_approved_them_and_borrow_no_result(people):
    """F: by the crosswalk a control takes the items of another framework, each decided on its own evidence."""
    brought(people)
    row = brought(people, catalogues.RULES.encode(), file="rules.yaml")
    proposals.approve(row, reason=WHY, actor=people["first"])
    assert results()["use-1"] == "not_met", "one approval is not two"
    proposals.approve(row, reason=WHY, actor=people["second"])
    found = lookup.framework("house_controls")
    borrowed = [item.shows for item in found.requirement("in-1").items]
    assert borrowed == [item.shows for item in lookup.framework("nist_ai_rmf").requirement("GOVERN 2.1").items]
    assert all(item.id.startswith("in-1.") for item in found.requirement("in-1").items)
    assert results()["use-1"] == "not_applicable" and results()["in-3"] == "not_met"
    assert list(verification.findings()) == []


def test_the_author_does_not_approve_and_nobody_approves_twice(people):
    brought(people)
    row = brought(people, catalogues.RULES.encode(), file="rules.yaml")
    with pytest.raises(NotAllowed):
        proposals.approve(row, reason=WHY, actor=people["author"])
    proposals.approve(row, reason=WHY, actor=people["first"])
    with pytest.raises(NotAllowed, match="already"):
        proposals.approve(row, reason=WHY, actor=people["first"])


def test_nobody_brings_or_approves_without_the_right_of_the_whole_organisation(cast, people):
    """P5: duties of one unit do not reach what binds all."""
    with pytest.raises(NotAllowed):
        brought({"author": cast.risk_officer})
    brought(people)
    row = brought(people, catalogues.RULES.encode(), file="rules.yaml")
    with pytest.raises(NotAllowed):
        proposals.approve(row, reason=WHY, actor=cast.approver)


def waiting() -> set:
    """Who has a framework to approve in My work."""
    return {task.person for task in Task.objects.waiting().filter(kind=Task.Kind.APPROVE_FRAMEWORK)}


def test_who_may_approve_a_framework_has_a_task_until_it_is_decided(client, cast, people):
    """F: approved by two people, who learn of it in My work; a catalogue without rules asks nobody."""
    factories.make_version(cast)
    brought(people)
    assert waiting() == set(), "it is in force already"
    row = brought(people, catalogues.RULES.encode(), file="rules.yaml")
    assert waiting() == {people["first"], people["second"]}
    client.force_login(people["first"])
    page = client.get(reverse("home")).content.decode()
    assert "Approve an edition of a framework" in page and row.get_absolute_url() in page
    proposals.approve(row, reason=WHY, actor=people["first"])
    assert waiting() == {people["second"]}
    proposals.approve(row, reason=WHY, actor=people["second"])
    assert waiting() == set()


@pytest.mark.parametrize("name", ["author", "first"])
def test_the_task_goes_when_an_edition_is_taken_back_or_rejected(people, name):
    brought(people)
    row = brought(people, catalogues.RULES.encode(), file="rules.yaml")
    proposals.reject(row, reason=WHY, actor=people[name])
    assert waiting() == set()


def test_who_leaves_an_edition_undecided_is_reminded_and_in_the_end_it_is_handed_up(people):
    """As every other task that has a day."""
    brought(people)
    brought(people, catalogues.RULES.encode(), file="rules.yaml")
    (due_on,) = {task.due_on for task in Task.objects.waiting().filter(kind=Task.Kind.APPROVE_FRAMEWORK)}
    for days in (-2, 1, 3):
        daily.run(due_on + timedelta(days=days))
    assert list(Reminder.objects.order_by("step").values_list("step", flat=True).distinct()) == [
        "before", "escalated", "overdue",
    ]  # fmt: skip


def test_every_step_is_an_entry_of_the_log(people):
    brought(people)
    approved(people, brought(people, catalogues.RULES.encode(), file="rules.yaml"))
    found = AuditEntry.objects.filter(action__startswith="framework.").order_by("seq")
    assert list(found.values_list("action", flat=True)) == [
        *("framework.brought", "framework.brought_into_force", "framework.brought", "framework.approved"),
        *("framework.approved", "framework.superseded", "framework.brought_into_force"),
    ]


# ---- another edition


def newer() -> dict:
    """Another edition: a control gone, one new, one said otherwise."""
    raw = catalogues.oscal(version="2027-1")
    group = catalogues.group(raw)
    group["groups"] = []
    group["controls"][0]["title"] = "Name an owner and a deputy"
    catalogues.group(raw, 1)["controls"].append({"id": "use-2", "title": "Stop it"})
    return raw


def test_another_edition_keeps_the_rules_of_what_stays_and_lists_what_it_changes(client, people):
    """F: upgrade with a difference list, on the page before it is approved and by the command."""
    brought(people)
    approved(people, brought(people, catalogues.RULES.encode(), file="rules.yaml"))
    row = brought(people, catalogues.text(newer()))
    client.force_login(people["first"])
    page = client.get(row.get_absolute_url()).content.decode()
    assert "<li>use-2</li>" in page and "<li>in-3</li>" in page and "<li>in-1: title</li>" in page
    assert len(lookup.framework("house_controls").requirements) == 4, "what waits changes nothing"
    approved(people, row)
    found = lookup.framework("house_controls")
    assert found.version == "2027-1" and found.requirement("in-1").items and not found.requirement("use-2").items
    assert list(results()) == ["in-1", "in-1.1", "use-1", "use-2"]


def test_what_was_made_of_an_edition_that_is_gone_is_not_approved_any_more(people):
    """Two proposals at once: the second would take away what the first brought."""
    brought(people)
    rules, edition = (
        brought(people, catalogues.RULES.encode(), file="rules.yaml"),
        brought(people, catalogues.text(newer())),
    )
    approved(people, edition)
    with pytest.raises(NotAllowed, match="propose it again"):
        proposals.approve(rules, reason=WHY, actor=people["first"])


def test_the_same_file_again_is_refused(people):
    brought(people)
    with pytest.raises(BadInput, match="changes nothing"):
        brought(people)


# ---- what is refused


def faulty(change) -> bytes:
    """The catalogue after a change."""
    raw = catalogues.oscal()
    change(raw)
    return catalogues.text(raw)


FAULTS = {
    "an id twice": (lambda raw: catalogues.group(raw, 1)["controls"].append({"id": "in-1", "title": "Again"}), "in-1: this id stands twice"),
    "a group within itself": (lambda raw: catalogues.group(raw)["groups"].append({"id": "in", "title": "Again"}), "in: it lies within itself"),
    "markup in a title": (lambda raw: catalogues.group(raw).update(title="<img src=x>"), "in: “title” holds markup"),
    "an entity in a title": (lambda raw: catalogues.group(raw).update(title="a &lt;b"), "in: “title” holds markup"),
    "no title": (lambda raw: catalogues.group(raw, 1)["controls"][0].pop("title"), "use-1: “title” is missing"),
    "an id that is none": (lambda raw: catalogues.group(raw, 1)["controls"][0].update(id="a/b"), "“a/b” is no id"),
    "an older version": (lambda raw: raw["catalog"]["metadata"].update({"oscal-version": "1.0.4"}), "it is of OSCAL 1.0.4"),
    "no version": (lambda raw: raw["catalog"]["metadata"].pop("oscal-version"), "metadata, oscal-version"),
    "controls that are no list": (lambda raw: catalogues.group(raw, 1).update(controls="all"), "use: “controls” must be of type list"),
    "a control that is no object": (lambda raw: catalogues.group(raw, 1).update(controls=[3]), "use: an entry of “controls” is no object"),
    "a title of ten thousand letters": (lambda raw: catalogues.group(raw).update(title="x" * 10_000), "longer than 300"),
    "a catalogue that is none": (lambda raw: raw.update(catalog=[]), "“catalog” must be of type dict"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_catalogue_is_refused_with_file_id_and_reason(name):
    change, said = FAULTS[name]
    with pytest.raises(BadInput) as refusal:
        catalogue.read(faulty(change), file="house.json", slug="house_controls")
    assert str(refusal.value).startswith("house.json") and said in str(refusal.value)


FILES = {
    "no JSON": (b"{", "a.json", "it is no JSON"),
    "no text": (b"\xff\xfe\x00", "a.json", "byte 0: it is no UTF-8 text"),
    "a key twice": (b'{"catalog": 1, "catalog": 2}', "a.json", "“catalog” stands twice"),
    "a list": (b"[]", "a.json", "a mapping of keys"),
    "nothing": (b"", "a.yaml", "a mapping of keys"),
    "too large": (b" " * 20_000_000, "a.json", "it has 20.0 MB, and at most 16 MB are read"),
    "too large for YAML": (b" " * 2_000_001, "a.yaml", "at most 2 MB"),
    "too deep": (b"[" * 100_000, "a.json", "nested too deeply"),
    "no YAML": (b"a: [", "a.yaml", "it is no YAML"),
    "a YAML that holds itself": (b"groups: &g\n  - id: A\n    title: A\n    groups: *g\n", "a.yaml", "a.yaml"),
    "a YAML with a list for a key": (b"? [a]\n: b\n", "a.yaml", "it is no YAML"),
    "a YAML that makes an object": (b"!!python/object:os.system {}", "a.yaml", "it is no YAML"),
    "a name that is taken": (b'{"framework": "nist_ai_rmf", "name": "x", "version": "1"}', "a.json", "comes with the software"),
    "no short name": (b'{"name": "x", "version": "1"}', "a.json", "framework: the short name"),
    "an unknown key": (b'{"framework": "ab", "name": "x", "version": "1", "rule": 1}', "a.json", "“rule” is not known"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_refused_by_name(name):
    content, file, said = FILES[name]
    with pytest.raises(BadInput) as refusal:
        catalogue.read(content, file=file)
    assert str(refusal.value).startswith(file) and said in str(refusal.value)


RULES = {
    "an unknown entity": ("entity: ai_system", "entity: dragon", "use-1.a: entity names 'dragon'"),
    "an unknown control": ("use-1:", "use-9:", "use-9: the framework has no control"),
    "an unknown requirement": ("GOVERN 2.1", "GOVERN 99", "has no requirement 'GOVERN 99'"),
    "an unknown framework to be like": ("nist_ai_rmf GOVERN 2.1", "my_book 1", "“like” names “my_book 1”"),
    "a misspelt key": ("weight: required", "wieght: required", "the key 'weight' is missing"),
    "nothing that is required": ("weight: required", "weight: supporting", "could be met by nothing"),
    "rules for another": ("framework: house_controls", "framework: house", "no catalogue “house” is in force"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_faulty_rule_is_refused_at_load_with_file_id_and_reason(people, name):
    """F: a rule naming an unknown entity never reaches the evaluator."""
    right, wrong, said = RULES[name]
    brought(people)
    assert right in catalogues.RULES
    with pytest.raises(BadInput) as refusal:
        brought(people, catalogues.RULES.replace(right, wrong).encode(), file="rules.yaml")
    assert str(refusal.value).startswith("rules.yaml") and said in str(refusal.value)
    assert FrameworkEdition.objects.count() == 1


def test_a_large_catalogue_is_read_in_a_second_or_two(people):
    raw = catalogues.oscal()
    raw["catalog"]["groups"] = [
        {"id": f"g{n}", "title": "Group", "controls": [{"id": f"c{n}.{m}", "title": "Control"} for m in range(50)]}
        for n in range(40)
    ]
    started = timezone.now()
    brought(people, catalogues.text(raw))
    assert len(results()) == 2000 and (timezone.now() - started).total_seconds() < 5


# ---- the pages and the command


def test_a_risk_officer_brings_a_catalogue_by_the_page_and_everybody_reads_it(client, cast, people):
    client.force_login(people["author"])
    file = SimpleUploadedFile("house.json", catalogues.text(catalogues.OSCAL))
    sent = {"file": file, "slug": "house_controls", "reason": WHY}
    answer = client.post(reverse("framework-bring"), sent, follow=True)
    assert "each control stands without a rule" in answer.content.decode()
    client.force_login(cast.developer if hasattr(cast, "developer") else cast.auditor)
    page = client.get(reverse("framework", args=["house_controls"])).content.decode()
    assert all(
        text in page for text in ("Name an owner", "Name a deputy", "Know the source", "Watch it", "House controls")
    )
    one = client.get(reverse("requirement", args=["house_controls", "in-3"])).content.decode()
    assert "There is no rule for it yet" in one


def test_a_faulty_file_comes_back_with_its_fault_and_nothing_is_kept(client, people):
    client.force_login(people["author"])
    sent = {"file": SimpleUploadedFile("house.json", b"{"), "slug": "house_controls", "reason": WHY}
    answer = client.post(reverse("framework-bring"), sent)
    assert answer.status_code == 422 and "house.json: it is no JSON" in answer.content.decode()
    assert not FrameworkEdition.objects.exists()


def test_two_people_approve_by_the_page(client, people):
    brought(people)
    row = brought(people, catalogues.RULES.encode(), file="rules.yaml")
    for name in ("first", "second"):
        client.force_login(people[name])
        client.post(reverse("framework-edition-approve", args=[row.pk]), {"reason": WHY})
    row.refresh_from_db()
    assert row.status == "in_force"


def told(*arguments: str) -> dict:
    """What the command prints."""
    out = io.StringIO()
    call_command("framework", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_the_command_lists_what_a_file_would_change_and_brings_it_when_asked(people, tmp_path):
    file = tmp_path / "house.json"
    file.write_bytes(catalogues.text(catalogues.OSCAL))
    first = told(str(file), "--name", "house_controls")
    assert (len(first["added"]), first["controls"], first["without_rule"]) == (4, 4, 4)
    assert not FrameworkEdition.objects.exists(), "looking keeps nothing"
    made = told(str(file), "--name", "house_controls", "--bring-as", people["author"].email, "--reason", WHY)
    assert made["status"] == "in_force"
    file.write_bytes(catalogues.text(newer()))
    again = told(str(file), "--name", "house_controls")
    assert (again["added"], again["removed"], again["changed"]) == (["use-2"], ["in-3"], {"in-1": ["title"]})


def test_the_command_refuses_with_the_fault(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(CommandError, match=r"a\.json: it is no JSON"):
        told(str(tmp_path / "a.json"))


def test_the_limit_of_a_file_is_below_that_of_an_upload(settings):
    assert reading.MOST_JSON < settings.UPLOAD_MAX_BYTES
