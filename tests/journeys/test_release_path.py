"""The release path as six people walk it in their browsers, from a new system to a pack that a stranger verifies."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect

import config
import rai
from rai.models import CheckRun
from registry.actions import people as administration, releases
from registry.audit import verification
from registry.models import AuditEntry, ModelVersion, Review, SignOff, Stage
from reports.verifier import verify
from tests import factories
from tests.journeys.walking import PATIENCE, Walker

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

STORY = yaml.safe_load((Path(config.__file__).parent / "story.yaml").read_text(encoding="utf-8"))
DEMO = Path(rai.__file__).parent / "demo"
REASON = "Read the card, the limits and the run of the check; nothing stands against it."


def register(owner: Walker) -> tuple[str, str]:
    """System, model, version: the addresses of the system and of the version."""
    facts = STORY["system"]
    owner.go("/")
    owner.go("/systems/new/")
    texts = ("purpose", "intended_uses", "out_of_scope_uses", "intended_users", "affected_groups",
             "human_oversight_design", "task_type", "method_type", "applicable_law", "non_ai_alternatives")  # fmt: skip
    owner.fill(name=facts["name"], risk_tier="limited", processes_personal_data=True, affects_people=True)
    owner.fill(technical_owner=str(owner.person.pk), **{name: facts[name] for name in texts})
    owner.press("Register")
    owner.told("is registered. Next, add its model")
    system = owner.page.url
    owner.follow("Add a model")
    owner.fill(name=STORY["model"]["name"])
    owner.press("Add")
    owner.follow("Register a version")
    owner.fill(version="1.0.0", retirement_date="2030-01-31", provider="In-house", change_note="First version.")
    owner.page.set_input_files("[name=artifact]", DEMO / "card_offer_model.txt")
    owner.press("Upload and register")
    owner.told("is registered under the digest of its bytes")
    return system, owner.page.url


def write_card(owner: Walker, version: str) -> None:
    """Every needed field of the card."""
    owner.go(version + "card/edit/")
    owner.fill(**STORY["card"])
    owner.page.locator("main form.form button.btn-primary").first.click()
    owner.told("Saved as revision 1")


def assess_privacy(owner: Walker, version: str) -> str:
    """From the closed gate to the questionnaire, through its four sections, and to the privacy officer."""
    owner.go(version)
    owner.sees("Nobody has assessed it. Its owners say that it processes personal data.")
    owner.page.locator(".gate", has_text="Privacy impact assessment is approved").get_by_role("link").click()
    owner.press("Start")
    sections = {"G": "general", "I": "input", "M": "model", "O": "output"}
    for letter, section in sections.items():
        expect(owner.page).to_have_url(re.compile(rf"/answers/{section}/$"))
        for question, reply in STORY["assessment"]["answers"].items():
            if question.split("-")[1] == letter:
                answer(owner, question, reply)
        owner.press("Save and see the result" if letter == "O" else "Save and go on")
    owner.told("Saved.")
    owner.press("Submit to the privacy officer")
    owner.told("Submitted")
    return owner.page.url


def answer(owner: Walker, question: str, reply: dict[str, str]) -> None:
    """One question: a choice or a short text, and the explanation, whose box is opened where it is shut."""
    if "answer" in reply:
        owner.fill(**{question: reply["answer"]})
    if "text" not in reply:
        return
    name = f"{question}-text" if "answer" in reply else question
    box = owner.page.locator(f"main [name='{name}']")
    if not box.is_visible():
        owner.page.locator("details.note-box", has=box).locator("summary").click()
    box.fill(reply["text"])


def register_risks(officer: Walker, system: str) -> None:
    """The risks of the story, each from the page of the system's register."""
    for risk in STORY["risks"]:
        officer.go(f"/risks/new/?system={system.rstrip('/').rsplit('/', 1)[1]}")
        officer.fill(**{name: str(risk[name]) for name in ("title", "component", "category", "likelihood", "impact")})
        officer.press("Register")
        officer.told("The risk is on the register.")


def set_limits(officer: Walker, system: str) -> None:
    """Two limits, set before any figure is known."""
    for limit in STORY["limits"]:
        officer.go(system + "limits/")
        officer.fill(slug=limit["slug"], rule=limit["rule"], rationale=limit["rationale"])
        officer.press("Propose")
        officer.told("is proposed")


def approve_limits(approver: Walker, system: str) -> None:
    """Somebody else puts them in force."""
    approver.go(system + "limits/")
    for limit in STORY["limits"]:
        approver.follow(f"Approve {limit['rule']}")
        approver.fill(reason="Agreed with the board before any figure was known.")
        approver.press("Approve")
        approver.told("is in force")


def upload(owner: Walker, version: str, file: Path) -> str:
    """A table of predictions, until its columns are there."""
    owner.go(version + "evidence/")
    owner.follow("Upload predictions")
    owner.page.set_input_files("[name=file]", file)
    owner.press("Upload")
    owner.told("Its columns are being read")
    expect(owner.page.get_by_role("button", name="Run the check")).to_be_visible(timeout=PATIENCE)
    return owner.page.url.split("?")[0]


def run_fairness(owner: Walker, *, target: str, prediction: str, groups: list[str]) -> None:
    """Ask for group fairness on the table that is shown, and wait for its end."""
    owner.fill(target=target, prediction=prediction)
    for box in owner.page.locator("main [name=sensitive]").all():
        box.set_checked(box.get_attribute("value") in groups)
    owner.press("Run the check")
    finished(owner)


def finished(owner: Walker) -> None:
    """The run's page shows what came of it: sentences and a chart that is really a picture."""
    expect(owner.page.get_by_role("heading", name="What it says")).to_be_visible(timeout=PATIENCE)
    chart = owner.page.locator(".chart img")
    expect(chart).to_be_visible()
    assert chart.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 100


def decide(reviewer: Walker, review: str, duty: str) -> None:
    """Approve what is up for decision, as the page asks."""
    reviewer.go(review)
    reviewer.fill(duty=duty, reason=REASON)
    reviewer.page.locator("input[name=decision][value=approve]").check()
    reviewer.press("Sign")


def own_approval_is_refused(owner: Walker, cast: factories.Cast, review: str) -> None:
    """P3: though the owner holds the duty too, no form is offered, and a forged decision changes nothing."""
    administration.grant_duty(cast.owner, duty="risk_officer", unit=cast.unit, actor=cast.administrator)
    owner.go(review)
    owner.sees("You own or helped to make")
    expect(owner.page.locator("[name=decision]")).to_have_count(0)
    row, entries = Review.objects.get(), AuditEntry.objects.count()
    owner.expected = {422}
    status, text = owner.forge(
        row.get_absolute_url() + "sign-off/", duty="risk_officer", decision="approve", reason=REASON,
        seen_digest=row.subject_digest,
    )  # fmt: skip
    owner.expected = set()
    assert status == 422
    assert "so somebody else must decide on it" in text
    assert not SignOff.objects.exclude(decision="").exists()
    assert AuditEntry.objects.count() == entries


def sign_assessment(officer: Walker, assessment: str) -> None:
    """The privacy officer's opinion and signature."""
    officer.go(assessment)
    officer.page.locator("input[name=decision][value=approve]").check()
    officer.fill(opinion=STORY["assessment"]["opinion"])
    officer.press("Sign")
    officer.told("Your decision is recorded.")


def publish(publisher: Walker, version: str) -> None:
    """A third person publishes and enters where it runs."""
    publisher.go(version)
    publisher.follow("Publish the release")
    publisher.fill(reason="Both sign-offs stand, and the mailing is ready for it.")
    publisher.press("Publish")
    publisher.told("is published")
    publisher.fill(environment="production", region="eu-central")
    publisher.press("Start")
    publisher.told("is entered as running")


def build(auditor: Walker, version: str, tmp_path: Path) -> tuple[Path, str]:
    """The report and the pack: the pack as the browser saved it, and the fingerprint that the page shows."""
    auditor.go(version + "reports/")
    auditor.press("Build the report")
    expect(auditor.page.get_by_role("link", name="Download the PDF")).to_be_visible(timeout=PATIENCE)
    pdf = saved(auditor, "Download the PDF", tmp_path / "report.pdf")
    assert pdf.read_bytes().startswith(b"%PDF-")
    auditor.go(version + "reports/")
    auditor.press("Build the pack")
    expect(auditor.page.get_by_role("link", name="Download the pack")).to_be_visible(timeout=PATIENCE)
    pack = saved(auditor, "Download the pack", tmp_path / "pack.zip")
    shown = auditor.page.locator("dt", has_text="Fingerprint of the signing key").locator("xpath=following-sibling::dd")
    return pack, shown.inner_text().strip()


def saved(walker: Walker, link: str, place: Path) -> Path:
    """A download as the browser keeps it."""
    with walker.page.expect_download() as caught:
        walker.follow(link)
    caught.value.save_as(place)
    return place


def test_six_people_take_a_model_from_registration_to_a_pack_that_a_stranger_verifies(people, worker, walk, tmp_path):
    """The main job end to end, each act by its own person in the pages; P3, P4 and S-023 on the way."""
    owner, officer, approver = walk(people.owner), walk(people.risk_officer), walk(people.approver)
    system, version = register(owner)
    write_card(owner, version)
    assessment = assess_privacy(owner, version)
    register_risks(officer, system)
    set_limits(officer, system)
    approve_limits(approver, system)

    table = upload(owner, version, DEMO / "card_offer_test.parquet")
    run_fairness(owner, target="accepted", prediction="mail", groups=["gender", "region"])
    expect(owner.page.locator(".under-title .verdict")).to_contain_text("Pass")
    owner.sees("selection_rate_difference<=0.10")
    owner.go(table + "?check=feature_attribution")
    owner.fill(groups="gender")
    owner.press("Run the check")
    finished(owner)

    owner.go(version)
    owner.fill(notes=STORY["release"]["notes"])
    owner.press("Submit for review")
    owner.told("is submitted")
    review = owner.page.url
    own_approval_is_refused(owner, people, review)

    sign_assessment(walk(people.privacy_officer), assessment)
    decide(officer, review, "risk_officer")
    officer.told("Your decision is recorded")
    decide(approver, review, "approver")
    approver.told("Your decision is recorded")
    publish(walk(people.publisher), version)
    row = ModelVersion.objects.get()
    assert (row.status, row.home_system.lifecycle_stage) == ("published", Stage.PRODUCTION)

    pack, fingerprint = build(walk(people.auditor), version, tmp_path)
    program = [sys.executable, "-I", str(Path(verify.__file__)), str(pack), "--key-fingerprint", fingerprint]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert subprocess.run([*program[:-1], "0" * 64], capture_output=True, check=False).returncode == 1
    assert AuditEntry.objects.filter(action="pack.downloaded", actor=people.auditor).count() == 1
    assert list(verification.findings()) == []


def compas(folder: Path, place: Path) -> Path:
    """The published scores with one more column: the score was above Low."""
    with (folder / "compas_two_years.csv").open(newline="", encoding="utf-8") as source:
        rows = [{**row, "high_risk": int(row["score_text"] != "Low")} for row in csv.DictReader(source)]
    with place.open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return place


def test_a_failed_check_closes_the_gate_and_nobody_can_approve(people, worker, walk, shared_data, tmp_path):
    """COMPAS: the page names the groups and the figures that are published, the gate is red, approval is refused."""
    row = factories.make_version(
        people,
        factories.make_model(people, factories.make_system(people, processes_personal_data=False, affects_people=True)),
    )
    factories.fill_card(people, row)
    factories.make_risk(people, row.home_system)
    factories.make_limit(people, row.home_system, rule="false_positive_rate_difference<=0.1")
    owner, officer = walk(people.owner), walk(people.risk_officer)
    version = owner.base + row.get_absolute_url()

    upload(owner, version, compas(shared_data, tmp_path / "compas.csv"))
    run_fairness(owner, target="two_year_recid", prediction="high_risk", groups=["race"])
    expect(owner.page.locator(".under-title .verdict")).to_contain_text("Fail")
    said = owner.page.locator("section[aria-labelledby=says]")
    expect(said).to_contain_text("African-American")
    owner.page.get_by_text("The same as a table").click()
    cells = owner.page.locator("details table tr", has_text="African-American")
    expect(cells.first).to_contain_text("0.448")
    expect(owner.page.locator("details table tr", has_text="Caucasian").first).to_contain_text("0.235")

    owner.go(version)
    gate = owner.page.locator(".gate", has_text="Checks that the policy asks for")
    expect(gate.locator(".verdict-fail")).to_be_visible()
    expect(gate).to_contain_text("the verdict is “fail”; the policy asks for a pass")
    review = releases.submit_for_review(row, notes="First release of the model.", actor=people.owner)
    officer.refused(
        "Checks that the policy asks for", lambda: decide(officer, review.get_absolute_url(), "risk_officer")
    )
    assert officer.page.locator("[name=reason]").input_value() == REASON
    assert not SignOff.objects.exclude(decision="").exists()
    assert ModelVersion.objects.get().status == "in_review"
    assert CheckRun.objects.get().verdict == "fail"
