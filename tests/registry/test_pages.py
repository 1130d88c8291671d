"""Pages of the registry: who is shown what, what is offered to whom, what a refusal keeps, and how many queries a list takes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.actions import datasets, releases
from registry.gates import GateResult
from registry.models import AISystem, ApiToken, AuditEntry, LineageLink, ModelVersion, Review, User
from registry.version_page import steps
from registry.views import paging
from tests import factories
from tests.registry.story import FORMS, LISTS, Story, make_story, places


@pytest.fixture
def story(cast) -> Story:
    """Rows of every kind."""
    return make_story(cast)


@pytest.fixture
def as_person(client):
    """A client signed in as somebody."""

    def sign_in(person: User):
        client.force_login(person)
        return client

    return sign_in


def test_the_unit_sees_every_page_about_its_things(story, cast, as_person):
    """Promise P15 of scope, the positive half: who holds a duty in the unit reads."""
    for person in (cast.owner, cast.risk_officer, cast.auditor, cast.approver):
        client = as_person(person)
        for name, url in places(story).items():
            assert client.get(url).status_code == 200, (name, person)


def test_an_outsider_finds_nothing_at_any_address_of_the_unit(story, cast, as_person):
    """404 and not 403: that a thing exists is told to nobody of another unit."""
    client = as_person(cast.outsider)
    for name, url in places(story).items():
        assert client.get(url).status_code == 404, name


def test_lists_open_for_everybody_and_name_nothing_of_another_unit(story, cast, as_person):
    for person in cast.everyone().values():
        client = as_person(person)
        for name in LISTS:
            page = client.get(reverse(name))
            assert page.status_code == 200, (name, person)
            if person == cast.outsider:
                assert story.system.name not in page.content.decode(), name


def test_nobody_reads_without_signing_in(story, client):
    for url in (*places(story).values(), *(reverse(name) for name in LISTS)):
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("login"))


def test_search_finds_by_name_id_digest_and_person_within_scope_only(story, cast, as_person):
    digest = story.draft.artifact_hash
    sought = (story.system.name, str(story.model.pk), digest, digest[7:19])
    for words in sought:
        found = as_person(cast.owner).get(reverse("search"), {"q": words}).content.decode()
        assert "Nothing found" not in found, words
        hidden = as_person(cast.outsider).get(reverse("search"), {"q": words}).content.decode()
        assert "Nothing found" in hidden, words
    assert "Rita Risk" in as_person(cast.owner).get(reverse("search"), {"q": "rita"}).content.decode()


def test_an_empty_installation_opens_with_three_steps(cast, as_person):
    page = as_person(cast.administrator).get(reverse("home")).content.decode()
    for step in ("Invite people", "Register a system", "Upload predictions"):
        assert step in page


def test_a_task_waits_in_my_work_of_whoever_holds_the_duty(story, cast, as_person):
    label = story.review.task_label
    assert label in as_person(cast.risk_officer).get(reverse("home")).content.decode()
    assert "Nothing waits for you" in as_person(cast.publisher).get(reverse("home")).content.decode()


# -- acts through pages ----------------------------------------------------------------------------------------------


def system_data(cast, **changes):
    """What the form of a new system posts."""
    return {
        "name": "Churn",
        "purpose": "Finds customers who may leave.",
        "unit": cast.unit.pk,
        "business_owner": cast.owner.pk,
        "technical_owner": cast.owner.pk,
        "risk_tier": "limited",
        **changes,
    }


def test_a_system_registered_by_its_form_is_in_the_log(cast, as_person):
    answer = as_person(cast.owner).post(reverse("system-new"), system_data(cast))
    system = AISystem.objects.get(name="Churn")
    assert answer["Location"] == system.get_absolute_url()
    assert AuditEntry.objects.filter(action="system.registered", object_id=system.pk).count() == 1


def test_a_refused_form_keeps_what_was_typed_and_names_the_place(cast, as_person):
    as_person(cast.owner).post(reverse("system-new"), system_data(cast))
    page = as_person(cast.owner).post(reverse("system-new"), system_data(cast, purpose="Second of its name."))
    html = page.content.decode()
    assert "Second of its name." in html
    assert 'href="#id_name"' in html
    assert AISystem.objects.filter(name="Churn").count() == 1


def test_the_form_offers_no_unit_in_which_one_may_not_register(cast, as_person):
    page = as_person(cast.owner).get(reverse("system-new")).content.decode()
    assert "Lending" in page
    assert "Insurance" not in page


def test_a_version_is_registered_by_upload_under_the_digest_of_its_bytes(story, cast, as_person):
    file = SimpleUploadedFile("../../model.txt", b"tree\nversion=v4\n")
    data = {"version": "7.0", "artifact": file, "retirement_date": "2030-01-01"}
    as_person(cast.owner).post(reverse("version-new", args=[story.model.pk]), data)
    version = ModelVersion.objects.get(version="7.0")
    assert version.artifact.read() == b"tree\nversion=v4\n"
    assert version.artifact_name == "model.txt"


def test_the_card_can_be_kept_half_written(story, cast, as_person):
    url = reverse("version-card-edit", args=[story.draft.pk])
    assert as_person(cast.owner).post(url, {"overview": "Begins here."}).status_code == 302
    assert story.draft.card.fields == {"overview": "Begins here."}
    assert "Begins here." in as_person(cast.owner).get(url).content.decode()


def test_submitting_an_unfinished_version_says_what_is_missing_and_keeps_the_notes(story, cast, as_person):
    url = reverse("version-submit", args=[story.draft.pk])
    page = as_person(cast.owner).post(url, {"notes": "Notes that took an hour to write."})
    html = page.content.decode()
    assert page.status_code == 422
    assert "required fields" in html
    assert "Notes that took an hour to write." in html
    assert not Review.objects.filter(release__version=story.draft).exists()


def test_the_owner_is_shown_no_form_to_decide_and_a_posted_decision_is_refused(story, cast, as_person):
    """R1: who made it does not approve it, in the page as in the action."""
    client = as_person(cast.owner)
    assert 'name="decision"' not in client.get(story.review.get_absolute_url()).content.decode()
    data = {"duty": "risk_officer", "decision": "approve", "reason": "I am sure of it myself.",
            "seen_digest": story.review.subject_digest}  # fmt: skip
    answer = client.post(reverse("review-sign-off", args=[story.review.pk]), data)
    assert answer.status_code == 422
    assert not story.review.sign_offs.exclude(decision="").exists()


def test_a_reviewer_requests_changes_through_the_page(story, cast, as_person):
    client = as_person(cast.risk_officer)
    assert 'name="decision"' in client.get(story.review.get_absolute_url()).content.decode()
    data = {"duty": "risk_officer", "decision": "request_changes", "reason": "Name the groups that were left out.",
            "seen_digest": story.review.subject_digest}  # fmt: skip
    assert client.post(reverse("review-sign-off", args=[story.review.pk]), data).status_code == 302
    story.review.refresh_from_db()
    assert story.review.status == Review.Status.CHANGES_REQUESTED


def test_a_short_reason_is_refused_at_its_field_and_kept(story, cast, as_person):
    data = {"duty": "risk_officer", "decision": "reject", "reason": "no", "seen_digest": story.review.subject_digest}
    page = as_person(cast.risk_officer).post(reverse("review-sign-off", args=[story.review.pk]), data)
    assert page.status_code == 422
    assert 'href="#id_reason"' in page.content.decode()


def test_acts_answer_to_post_only(story, cast, as_person):
    client = as_person(cast.owner)
    for name, pk in (
        ("version-submit", story.draft.pk),
        ("version-withdraw", story.submitted.pk),
        ("version-link-add", story.draft.pk),
        ("review-sign-off", story.review.pk),
        ("release-publish", story.review.release_id),
        ("release-deploy", story.review.release_id),
    ):
        assert client.get(reverse(name, args=[pk])).status_code == 405, name


def test_a_link_to_a_version_that_one_may_not_see_cannot_be_posted(story, cast, as_person):
    """The foreign key is resolved through the same scope as the pages."""
    foreign = datasets.register_dataset(cast.other_unit, name="Claims", actor=_steward(cast))
    hidden = datasets.register_dataset_version(
        foreign, version="1", hash="sha256:" + "b" * 64, use="training", actor=foreign.steward
    )
    url = reverse("version-link-add", args=[story.draft.pk])
    page = as_person(cast.owner).post(url, {"relation": "trained_on", "target": f"dataset:{hidden.pk}"})
    assert page.status_code == 422
    assert not LineageLink.objects.filter(target_id=hidden.pk).exists()


def _steward(cast):
    return factories.invite("steward", "Stella Steward", "data_steward", cast.other_unit, cast.administrator)


def test_an_invitation_shows_a_link_by_which_the_password_is_set(cast, as_person, client):
    data = {"email": "new@bank.example", "name": "Nora New", "duty": "author", "unit": cast.unit.pk}
    page = as_person(cast.administrator).post(reverse("person-invite"), data).content.decode()
    link = page.split('data-copy="')[1].split('"')[0]
    client.logout()
    assert "Choose your password" in client.get(link, follow=True).content.decode()


def test_no_link_is_made_for_somebody_who_has_a_password(cast, as_person):
    """Otherwise an administrator could enter an approver's account."""
    answer = as_person(cast.administrator).post(reverse("person-link", args=[cast.approver.pk]))
    assert "reset" not in answer.content.decode()
    assert answer.status_code == 409


def test_the_form_to_grant_duties_is_for_administrators_only(cast, as_person):
    url = cast.approver.get_absolute_url()
    assert "Grant a duty" in as_person(cast.administrator).get(url).content.decode()
    assert "Grant a duty" not in as_person(cast.risk_officer).get(url).content.decode()


# -- how a page is made ----------------------------------------------------------------------------------------------


def test_no_page_carries_inline_script_or_style(story, cast, as_person):
    """Attack 12: the policy forbids it, and nothing depends on it."""
    client = as_person(cast.owner)
    for url in (*places(story).values(), *(reverse(name) for name in (*LISTS, *FORMS))):
        html = client.get(url).content.decode()
        assert "<style" not in html, url
        assert " style=" not in html, url
        assert " onclick=" not in html, url
        assert all(" src=" in tag.split(">")[0] for tag in html.split("<script")[1:]), url


def test_every_page_sends_the_content_policy(story, cast, as_person):
    client = as_person(cast.owner)
    for url in (*places(story).values(), *(reverse(name) for name in LISTS), "/nothing/"):
        policy = client.get(url)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_what_people_type_is_shown_as_text(cast, as_person):
    payload = "<script>alert(1)</script>"
    system = factories.make_system(cast, name=payload, purpose=payload)
    for url in (system.get_absolute_url(), reverse("systems"), reverse("home")):
        assert payload not in as_person(cast.owner).get(url).content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(name, story, cast, as_person):
    client = as_person(cast.risk_officer)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse(name))
    for _number in range(3):
        version = factories.make_version(cast, story.model)
        factories.fill_card(cast, version)
        releases.submit_for_review(version, notes="One more release of it.", actor=cast.owner)
        factories.make_system(cast)
        datasets.register_dataset(cast.unit, name=f"Data {_number}", actor=cast.owner)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse(name))
    assert len(many) <= len(few), [query["sql"] for query in many.captured_queries]
    assert len(many) <= 14


def test_a_long_list_shows_each_row_once_over_its_pages(cast, as_person, monkeypatch):
    for _number in range(7):
        factories.make_system(cast, name="Same name" if _number < 4 else f"Other {_number}", slug=f"s{_number}")
    monkeypatch.setattr(paging.page_of, "__kwdefaults__", {"size": 3})
    seen, url = [], reverse("systems")
    while url:
        page = as_person(cast.owner).get(url).context["page"]
        seen += [row.pk for row in page.objects]
        url = page.next_url and reverse("systems") + page.next_url
    assert len(seen) == len(set(seen)) == 7


def test_a_tampered_cursor_leads_to_the_first_page(story, cast, as_person):
    page = as_person(cast.owner).get(reverse("systems"), {"after": "nonsense:1"})
    assert page.status_code == 200
    assert story.system.name in page.content.decode()


@pytest.mark.parametrize("name", ("400.html", "403.html", "403_csrf.html", "404.html", "500.html", "refused.html"))
def test_an_error_page_needs_nothing_from_the_request(name):
    """When it is shown, context processors may not have run."""
    assert "<h1>" in render_to_string(name)


def test_a_form_that_is_too_old_says_what_to_do(cast):
    """Cross-site posts are refused with a page that leads on."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.owner)
    page = strict.post(reverse("system-new"), {"name": "X"})
    assert page.status_code == 403
    assert "load the page again" in page.content.decode()


def test_a_token_is_shown_once_and_ends_when_revoked(cast, as_person):
    client = as_person(cast.owner)
    data = {"name": "Pipeline", "unit": cast.unit.pk, "scopes": ["models:read"], "days": 30}
    assert "gov_" in client.post(reverse("token-create"), data).content.decode().split("cannot be shown again")[1]
    token = ApiToken.objects.get()
    assert token.digest not in client.get(reverse("tokens")).content.decode()
    client.post(reverse("token-revoke", args=[token.token_key]))
    assert not ApiToken.objects.exists()


def test_nobody_revokes_the_token_of_another_by_its_address(cast, as_person):
    as_person(cast.owner).post(
        reverse("token-create"), {"name": "Pipeline", "unit": cast.unit.pk, "scopes": ["models:read"], "days": 30}
    )
    answer = as_person(cast.approver).post(reverse("token-revoke", args=[ApiToken.objects.get().token_key]))
    assert answer.status_code == 404
    assert ApiToken.objects.count() == 1


def test_the_release_path_marks_a_closed_gate_instead_of_calling_it_done(story):
    """A version in review whose checks fail is not shown as checked."""
    story.submitted.refresh_from_db()
    found = steps(story.submitted, [GateResult("failed", "Too few rows.", slug="evidence")])
    assert [step.state for step in found[:4]] == ["done", "stopped", "done", "current"]
