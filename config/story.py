"""The demo's story: whom a bank mails a card offer. Every step goes through the same actions as the pages."""

import hashlib
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils import timezone

import rai
from rai import actions as checks
from rai.models import CheckRun, Predictions, TestPlan
from registry.actions import cards, datasets, deployments, inventory, people, releases, reviews
from registry.models import (
    AISystem,
    BusinessUnit,
    Duty,
    Job,
    JobStatus,
    Model,
    ModelVersion,
    Review,
    RoleAssignment,
    User,
)
from reports import actions as documents, verifier
from reports.models import Pack, Report
from risk import actions as risks
from risk.questionnaires import Reply

DATA = Path(rai.__file__).parent / "demo"
TEXTS = Path(__file__).parent / "story.yaml"
PATIENCE = 120.0


@dataclass
class Told:
    """What a telling left behind."""

    version: str = ""
    pdf: Path = Path()
    pack: Path = Path()
    key_fingerprint: str = ""
    verified: bool = False
    verifier: Path = Path(verifier.__file__).parent / "verify.py"
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, say: Callable[[str], None]) -> Iterator[None]:
        """Time a step and say what happens."""
        say(f"… {name}")
        began = time.monotonic()
        yield
        self.timings[name] = round(time.monotonic() - began, 2)


def play(*, say: Callable[[str], None]) -> Told:
    """Play the whole path; raises RuntimeError with a reason when a job errs."""
    told, began = Told(), time.monotonic()
    texts = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    with told.step("people, system and limits", say):
        cast = people_of(texts)
        system = system_of(texts, cast)
    with told.step("register the version, assess it with its data", say):
        version = registered(system, texts, cast)
        told.version = str(version.pk)
        prepare_privacy_and_risk(system, texts, cast)
    with told.step("upload predictions, read columns", say):
        predictions = uploaded(version, cast)
    with told.step("test plan, then fairness and attribution in the worker", say):
        run_checks(planned(system, predictions, texts, cast), predictions, cast)
    with told.step("submit, two sign-offs, publish, deploy", say):
        decide(version, texts, cast)
    with told.step("report and evidence pack in the worker", say):
        write_documents(version, cast, told)
    with told.step("verify the pack offline", say):
        told.verified = verified(told, say)
    told.timings["in all"] = round(time.monotonic() - began, 2)
    return told


def people_of(texts: dict[str, Any]) -> dict[str, User]:
    """The people by their part; those of an earlier telling are found again."""
    administrator = RoleAssignment.objects.filter(duty=Duty.ADMINISTRATOR).select_related("person").first()
    first = administrator.person if administrator else people.make_first_administrator(
        texts["administrator"], installation=texts["organisation"]
    )  # fmt: skip
    root = BusinessUnit.objects.get(parent=None)
    unit = BusinessUnit.objects.filter(name=texts["unit"]).first() or people.add_unit(
        texts["unit"], parent=root, actor=first
    )
    cast = {"administrator": first}
    for part, person in texts["people"].items():
        found = User.objects.filter(email=person["email"]).first()
        cast[part] = found or people.invite(
            person["email"], name=person["name"], unit=unit, duty=person["duty"], actor=first
        )
    for grant in RoleAssignment.objects.waiting().filter(unit=unit, person__in=cast.values()):
        people.confirm_duty(grant, actor=cast["risk_officer"])
    return cast


def system_of(texts: dict[str, Any], cast: dict[str, User]) -> AISystem:
    """A system of its own for each telling, so that nothing of an earlier one is touched."""
    unit = BusinessUnit.objects.get(name=texts["unit"])
    number = AISystem.objects.filter(unit=unit).count() + 1
    name = texts["system"]["name"] if number == 1 else f"{texts['system']['name']} ({number})"
    system = inventory.register_system(
        unit, business_owner=cast["owner"], technical_owner=cast["owner"], actor=cast["owner"],
        **{**texts["system"], "name": name},
    )  # fmt: skip
    for limit in texts["limits"]:
        row = checks.propose_baseline(system, actor=cast["risk_officer"], **limit)
        checks.approve_baseline(row, reason=texts["limits_approved_because"], actor=cast["approver"])
    return system


def prepare_privacy_and_risk(system: AISystem, texts: dict[str, Any], cast: dict[str, User]) -> None:
    """The privacy impact assessment with the privacy officer's opinion, and the risks."""
    told = texts["assessment"]
    assessment = risks.start_assessment(system, actor=cast["owner"])
    replies = {question: Reply(**reply) for question, reply in told["answers"].items()}
    risks.save_answers(assessment, answers=replies, actor=cast["owner"])
    risks.submit_assessment(assessment, actor=cast["owner"])
    risks.approve_assessment(assessment, opinion=told["opinion"], actor=cast["privacy_officer"])
    for risk in texts["risks"]:
        risks.register_risk(system, owner=cast["owner"], actor=cast["risk_officer"], **risk)


def registered(system: AISystem, texts: dict[str, Any], cast: dict[str, User]) -> ModelVersion:
    """Model, version with the artefact's bytes, data set, lineage and card."""
    owner = cast["owner"]
    model: Model = inventory.register_model(system, name=texts["model"]["name"], actor=owner)
    version = inventory.register_version(
        model, version=texts["model"]["version"], artifact=(DATA / "card_offer_model.txt").read_bytes(),
        artifact_name="card_offer_model.txt", actor=owner, retirement_date=timezone.localdate() + timedelta(days=730),
        deprecation_date=timezone.localdate() + timedelta(days=640), **texts["model"]["facts"],
    )  # fmt: skip
    for data in texts["data"]:
        row = data_version(system, data, owner)
        inventory.add_link(version, relation=data["relation"], target=row, purpose=data["purpose"], actor=owner)
    cards.save_card(version, fields=texts["card"], actor=owner)
    return version


def data_version(system: AISystem, data: dict[str, Any], owner: User) -> Any:
    """A data set's version by the digest of its bytes, found again on a second telling."""
    from registry.models import Dataset, DatasetVersion

    dataset = Dataset.objects.filter(unit=system.unit, name=data["name"]).first() or datasets.register_dataset(
        system.unit, name=data["name"], description=data["description"], actor=owner
    )
    found = DatasetVersion.objects.filter(dataset=dataset).first()
    digest = hashlib.sha256((DATA / data["file"]).read_bytes()).hexdigest()
    return found or datasets.register_dataset_version(
        dataset, version="1", hash=f"sha256:{digest}", use=data["use"], actor=owner, **data["facts"]
    )


def waited(job: Job) -> Any:
    """The job when it is over; RuntimeError with its reason when it erred or takes too long."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        job = type(job).objects.get(pk=job.pk)
        if job.status == JobStatus.FINISHED:
            return job
        if job.is_over:
            raise RuntimeError(f"{job.noun} {job.get_status_display()}: {job.reason}")
        time.sleep(0.1)
    raise RuntimeError(f"{job.noun} is still {job.get_status_display()} after {PATIENCE:.0f} s; see worker.log.")


def uploaded(version: ModelVersion, cast: dict[str, User]) -> Predictions:
    """The synthetic test rows, profiled by the worker."""
    file = DATA / "card_offer_test.parquet"
    row = checks.upload_predictions(version, content=file.read_bytes(), name=file.name, actor=cast["owner"])
    return waited(row)


def planned(system: AISystem, predictions: Predictions, texts: dict[str, Any], cast: dict[str, User]) -> TestPlan:
    """The test plan: drafted by the owner with what the five questions advise, put in force by the risk officer."""
    owner, told = cast["owner"], texts["plan"]
    plan = checks.draft_plan(system, actor=owner)
    checks.edit_plan(plan, cadence=told["cadence"], owner=owner, actor=owner, **told["texts"])
    checks.record_guidance(plan, actor=owner, **told["guidance"])
    for check in texts["checks"]:
        checks.add_planned_check(plan, role="test", predictions=predictions, actor=owner, **check)
    checks.propose_plan(plan, actor=owner)
    return checks.approve_plan(plan, reason=told["approved_because"], actor=cast["risk_officer"])


def run_checks(plan: TestPlan, predictions: Predictions, cast: dict[str, User]) -> None:
    """What the plan has for test rows, side by side in the worker."""
    run = checks.run_plan(plan, predictions=predictions, actor=cast["owner"])
    for one in CheckRun.objects.filter(plan_run=run):
        waited(one)


def decide(version: ModelVersion, texts: dict[str, Any], cast: dict[str, User]) -> None:
    """Submission, a sign-off by the risk officer and one by the approver, publication, deployment."""
    review = releases.submit_for_review(version, notes=texts["release"]["notes"], actor=cast["owner"])
    for part, duty in (("risk_officer", Duty.RISK_OFFICER), ("approver", Duty.APPROVER)):
        review = Review.objects.get(pk=review.pk)
        reviews.sign_off(
            review, duty=duty, decision="approve", reason=texts["release"]["reasons"][part],
            seen_digest=review.subject_digest, actor=cast[part],
        )  # fmt: skip
    release = Review.objects.get(pk=review.pk).release
    releases.publish(release, reason=texts["release"]["reasons"]["publisher"], actor=cast["publisher"])
    deployments.start_deployment(
        release, environment="production", region=texts["release"]["region"], actor=cast["publisher"]
    )


def write_documents(version: ModelVersion, cast: dict[str, User], told: Told) -> None:
    """The report for the risk officer and the pack for the auditor, copied where a person finds them."""
    version = ModelVersion.objects.get(pk=version.pk)
    report: Report = documents.request_report(version, kind="compliance", actor=cast["risk_officer"])
    pack: Pack = documents.request_pack(version, actor=cast["auditor"])
    report, pack = waited(report), waited(pack)
    folder = Path(settings.DATA_DIR) / "demo" / timezone.now().strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    told.pdf, told.pack = folder / "nist-ai-rmf-report.pdf", folder / "evidence-pack.zip"
    told.pdf.write_bytes(bytes_of(report))
    told.pack.write_bytes(bytes_of(pack))
    told.key_fingerprint = pack.key_fingerprint


def bytes_of(document: Report | Pack) -> bytes:
    """The finished file."""
    assert document.blob is not None
    return document.blob.read()


def verified(told: Told, say: Callable[[str], None]) -> bool:
    """Whether the verifier, run as a stranger would run it, accepts the pack."""
    ended = subprocess.run(
        [sys.executable, "-I", str(told.verifier), str(told.pack), "--key-fingerprint", told.key_fingerprint],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    say("    " + ended.stdout.strip().replace("\n", "\n    "))
    return ended.returncode == 0


def passwords() -> list[tuple[str, str]]:
    """New one-time passwords for everybody in the story, for `--serve`."""
    made = []
    for person in User.objects.filter(is_active=True).order_by("email"):
        password = secrets.token_urlsafe(12)
        person.set_password(password)
        person.save(update_fields=["password"])
        made.append((person.email, password))
    return made
