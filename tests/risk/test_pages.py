"""Pages about assessments and risks: who is shown what, what a refusal keeps, and that they work without scripts."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from risk import actions
from risk.models import Answer, Assessment, Risk, Treatment
from risk.questionnaires import Reply, template
from tests.factories import make_model, make_system, make_version
from tests.risk.replies import LONG, benign
from tests.risk.steps import OPINION, REASON, answered, approved, events, planned, registered, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(cast):
    return make_system(cast)


@pytest.fixture
def as_person(client):
    """A client signed in as somebody."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def text_of(answer) -> str:
    """The page as people read it, roughly: without tags, blanks folded."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def section_url(assessment, section="general") -> str:
    return reverse("assessment-section", args=[assessment.pk, section])


def typed(replies, section="general") -> dict[str, str]:
    """What a browser sends for a section."""
    data = {}
    for question in template("pia").section(section).questions:
        reply = replies.get(question.id, Reply())
        if question.type == "text":
            data[question.id] = reply.text
        else:
            data |= {question.id: reply.answer, f"{question.id}-text": reply.text}
    return data


# ---- who is shown what


def test_lists_open_for_everybody_and_name_nothing_of_another_unit(cast, system, as_person):
    answered(cast, system)
    registered(cast, system)
    for person in cast.everyone().values():
        for name in ("assessments", "risks"):
            page = as_person(person).get(reverse(name))
            assert page.status_code == 200
            if person in {cast.outsider, cast.administrator}:
                assert system.name not in page.content.decode()


def test_an_outsider_finds_nothing_at_any_address(cast, system, as_person):
    """404 and not 403: that a thing exists is told to nobody of another unit."""
    version = make_version(cast, make_model(cast, system))
    assessment, risk = submitted(cast, system), registered(cast, system)
    treatment = planned(cast, risk)
    client = as_person(cast.outsider)
    for url in (
        assessment.get_absolute_url(), section_url(assessment), risk.get_absolute_url(),
        reverse("assessment-start", args=[system.pk]), reverse("version-risks", args=[version.pk]),
    ):  # fmt: skip
        assert client.get(url).status_code == 404, url
    for name in ("assessment-submit", "assessment-sign", "assessment-again"):
        assert client.post(reverse(name, args=[assessment.pk]), {"decision": "approve"}).status_code == 404, name
    for verb in ("rate", "treat", "accept", "close", "reopen"):
        assert client.post(reverse(f"risk-{verb}", args=[risk.pk]), {"reason": REASON}).status_code == 404, verb
    assert client.post(reverse("treatment-finish", args=[treatment.pk])).status_code == 404
    assert client.post(section_url(assessment), typed(benign(PIA_G_05="more"))).status_code == 404
    assert events(assessment)[-1] == "assessment.submitted"


def test_a_publisher_sees_risks_and_no_assessment(cast, system, as_person):
    version = make_version(cast, make_model(cast, system))
    assessment, risk = answered(cast, system), registered(cast, system)
    client = as_person(cast.publisher)
    assert client.get(assessment.get_absolute_url()).status_code == 404
    assert client.get(risk.get_absolute_url()).status_code == 200
    page = text_of(client.get(reverse("version-risks", args=[version.pk])))
    assert risk.title in page and str(assessment) not in page and "are read by the owners" in page


def test_nobody_reads_without_signing_in(cast, system, client):
    for url in (reverse("assessments"), reverse("risks"), answered(cast, system).get_absolute_url()):
        assert client.get(url).status_code == 302


@pytest.mark.parametrize("name", ["assessment-submit", "assessment-sign", "assessment-again"])
def test_verbs_are_asked_for_by_post_only(cast, system, as_person, name):
    assert as_person(cast.owner).get(reverse(name, args=[answered(cast, system).pk])).status_code == 405


def test_lists_take_the_same_number_of_queries_however_long(cast, as_person):
    client = as_person(cast.risk_officer)
    counts = {}
    for size in (1, 4):
        while Assessment.objects.count() < size:
            system = make_system(cast)
            actions.start_assessment(system, actor=cast.owner)
            registered(cast, system)
        for name in ("assessments", "risks"):
            with CaptureQueriesContext(
                connection,
            ) as found:
                client.get(reverse(name))
            counts.setdefault(name, []).append(len(found))
    assert all(first == second for first, second in counts.values()), counts
    assert all(first <= 14 for first, _second in counts.values()), counts


# ---- the questionnaire


def test_an_owner_starts_fills_and_submits_without_scripts(cast, system, as_person):
    client = as_person(cast.owner)
    page = client.post(reverse("assessment-start", args=[system.pk]), {"version": ""})
    assessment = Assessment.objects.get()
    assert page["Location"] == section_url(assessment)
    for section, after in (("general", "input"), ("input", "model"), ("model", "output"), ("output", None)):
        shown = client.get(section_url(assessment, section)).content.decode()
        seen = re.search(r'name="seen" value="([^"]+)"', shown).group(1)
        data = typed(benign(), section) | {"seen": seen, "next": "1"}
        page = client.post(section_url(assessment, section), data)
        expected = section_url(assessment, after) if after else assessment.get_absolute_url()
        assert page.status_code == 302 and page["Location"] == expected
    assert "Submit to the privacy officer" in text_of(client.get(assessment.get_absolute_url()))
    client.post(reverse("assessment-submit", args=[assessment.pk]))
    assessment.refresh_from_db()
    assert assessment.status == "in_review"


def test_some_answers_can_be_kept_and_the_rest_given_later(cast, system, as_person):
    assessment = actions.start_assessment(system, actor=cast.owner)
    data = {"PIA-G-03": "yes", "PIA-G-01": "短い", "seen": assessment.answers_digest, "stay": "1"}
    page = as_person(cast.owner).post(section_url(assessment), data, follow=True)
    assert assessment.replies() == {"PIA-G-03": Reply("yes"), "PIA-G-01": Reply("", "短い")}
    assert "短い" in page.content.decode() and "1/11" in text_of(page)


def test_an_explanation_typed_without_an_answer_is_kept(cast, system, as_person):
    assessment = actions.start_assessment(system, actor=cast.owner)
    data = {"PIA-I-07-text": "We left the address out.", "PIA-I-08-text": "A note", "seen": assessment.answers_digest}
    as_person(cast.owner).post(section_url(assessment, "input"), data)
    assert assessment.replies()["PIA-I-07"].text == "We left the address out."
    assert assessment.replies()["PIA-I-08"].text == "A note"


@pytest.mark.parametrize(
    ("section", "field", "value", "said"),
    [
        ("general", "PIA-G-03", "perhaps", "perhaps"),
        ("input", "PIA-I-12", "Atlantis", "“ATLANTIS” is no country code"),
        ("input", "PIA-I-14", "for ever", "“for ever” is no number of days"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_named_and_nothing_typed_is_lost(
    cast, system, as_person, section, field, value, said
):
    assessment = actions.start_assessment(system, actor=cast.owner)
    data = {field: value, "PIA-G-01": LONG, "PIA-I-07-text": LONG, "seen": assessment.answers_digest}
    page = as_person(cast.owner).post(section_url(assessment, section), data)
    assert page.status_code == 422
    assert said in text_of(page) and LONG in page.content.decode() and f'href="#id_{field}"' in page.content.decode()
    assert assessment.replies() == {}


def test_two_writers_do_not_overwrite_each_other_unawares(cast, system, as_person):
    assessment = actions.start_assessment(system, actor=cast.owner)
    seen = assessment.answers_digest
    actions.save_answers(assessment, answers={"PIA-G-05": Reply("more")}, actor=cast.privacy_officer)
    client = as_person(cast.owner)
    data = {"PIA-G-05": "under_1000", "PIA-G-01": LONG, "seen": seen}
    page = client.post(section_url(assessment), data)
    assert page.status_code == 422 and "here stands “More” now" in text_of(page)
    assert LONG in page.content.decode()
    again = re.search(r'name="seen" value="([^"]+)"', page.content.decode()).group(1)
    assert client.post(section_url(assessment), data | {"seen": again}).status_code == 302
    assert assessment.replies()["PIA-G-05"].answer == "under_1000"


def test_when_a_question_is_asked_stands_beside_it(cast, system, as_person):
    assessment = actions.start_assessment(system, actor=cast.owner)
    page = text_of(as_person(cast.owner).get(section_url(assessment, "input")))
    assert "Asked only when PIA-I-03 is answered “Legitimate interest”." in page
    assert "“No” closes this part" in page
    assert "Counts in full only while the check data.quality passes." in page


def test_submitting_too_early_names_what_is_missing(cast, system, as_person):
    assessment = answered(cast, system, PIA_M_02=None)
    page = as_person(cast.owner).post(reverse("assessment-submit", args=[assessment.pk]))
    assert page.status_code == 422 and "PIA-M-02: Not answered." in text_of(page)


def test_a_second_submission_by_double_click_is_answered_with_a_sentence(cast, system, as_person):
    assessment = answered(cast, system)
    client = as_person(cast.owner)
    assert client.post(reverse("assessment-submit", args=[assessment.pk])).status_code == 302
    page = client.post(reverse("assessment-submit", args=[assessment.pk]))
    assert page.status_code == 422 and "Only a draft can be submitted" in text_of(page)


def test_starting_twice_leads_to_the_first(cast, system, as_person):
    client = as_person(cast.owner)
    url = reverse("assessment-start", args=[system.pk])
    client.post(url, {"version": ""})
    assert "go on with that one" in text_of(client.post(url, {"version": ""}))
    assert Assessment.objects.count() == 1


def test_hostile_text_is_shown_as_text(cast, system, as_person):
    hostile = "<script>alert(1)</script> with more than twenty characters"
    assessment = answered(cast, system, PIA_G_01=Reply("", hostile))
    for url in (assessment.get_absolute_url(), section_url(assessment)):
        page = as_person(cast.owner).get(url).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_pages_carry_no_inline_style_or_script(cast, system, as_person):
    risk = registered(cast, system)
    assessment = submitted(cast, system)
    for url in (assessment.get_absolute_url(), section_url(assessment), reverse("risks"), risk.get_absolute_url()):
        page = as_person(cast.owner).get(url).content.decode()
        assert " style=" not in page and not re.search(r"<script(?![^>]*\bsrc=)", page) and " onclick=" not in page, url


# ---- the result and the signature


def test_the_result_shows_scores_outcomes_and_reasons(cast, system, as_person):
    assessment = submitted(cast, system, PIA_G_03="yes", PIA_I_03="none")
    page = text_of(as_person(cast.auditor).get(assessment.get_absolute_url()))
    # 12 of 73 points: 16.4; the control of 23 of 27 points leaves 6.6.
    assert "16.4" in page and "6.6" in page
    assert "Blocked" in page and "PIA-I-03 was answered “None”." in page and "Evaluation or scoring" not in page


def test_the_privacy_officer_signs_what_was_shown(cast, system, as_person):
    assessment = submitted(cast, system, PIA_G_03="yes")
    client = as_person(cast.privacy_officer)
    shown = client.get(assessment.get_absolute_url()).content.decode()
    seen = re.search(r'name="seen_digest" value="([^"]+)"', shown).group(1)
    data = {"decision": "approve", "opinion": OPINION, "seen_digest": seen}
    assert client.post(reverse("assessment-sign", args=[assessment.pk]), data).status_code == 302
    assessment.refresh_from_db()
    assert assessment.status == "approved" and assessment.opinion_by == cast.privacy_officer
    page = client.post(reverse("assessment-sign", args=[assessment.pk]), data)
    assert page.status_code == 422 and "Only an assessment in review can be decided on" in text_of(page)


def test_an_opinion_too_short_keeps_what_was_typed(cast, system, as_person):
    assessment = submitted(cast, system, PIA_G_03="yes")
    data = {"decision": "approve", "opinion": "Looks good", "seen_digest": assessment.answers_digest}
    page = as_person(cast.privacy_officer).post(reverse("assessment-sign", args=[assessment.pk]), data)
    assert page.status_code == 422 and "there are 10" in text_of(page) and "Looks good" in page.content.decode()


def test_the_owner_is_told_who_may_sign(cast, system, as_person):
    assessment = submitted(cast, system)
    client = as_person(cast.owner)
    assert "Waiting for a decision: Privacy officer of Lending." in text_of(client.get(assessment.get_absolute_url()))
    data = {"decision": "approve", "opinion": OPINION, "seen_digest": assessment.answers_digest}
    page = client.post(reverse("assessment-sign", args=[assessment.pk]), data)
    assert page.status_code == 422 and "You may not do this" in text_of(page)
    assessment.refresh_from_db()
    assert assessment.status == "in_review"


def test_sending_back_by_the_page(cast, system, as_person):
    assessment = submitted(cast, system)
    data = {"decision": "reject", "opinion": OPINION, "seen_digest": assessment.answers_digest}
    as_person(cast.privacy_officer).post(reverse("assessment-sign", args=[assessment.pk]), data)
    assessment.refresh_from_db()
    assert assessment.status == "rejected"


def test_assessing_again_from_the_page(cast, system, as_person):
    old = approved(cast, system)
    page = as_person(cast.owner).post(reverse("assessment-again", args=[old.pk]))
    fresh = Assessment.objects.exclude(pk=old.pk).get()
    assert page["Location"] == fresh.get_absolute_url() and Answer.objects.filter(assessment=fresh).count() == 60


# ---- the register


def risk_data(system, **changes) -> dict[str, object]:
    fields = {
        "system": system.pk, "title": "Offers reach people who moved", "component": "output", "category": "financial",
        "likelihood": 3, "impact": 2, "owner": system.business_owner_id, "source": "assessment",
    }  # fmt: skip
    return {**fields, **changes}


def test_a_risk_is_registered_by_the_page(cast, system, as_person):
    page = as_person(cast.owner).post(reverse("risk-new"), risk_data(system, measurable="on"))
    risk = Risk.objects.get()
    assert page["Location"] == risk.get_absolute_url() and events(risk) == ["risk.registered"]


def test_a_system_of_another_unit_cannot_be_named(cast, system, as_person):
    """Foreign keys in a form resolve through the same scope as pages."""
    page = as_person(cast.outsider).post(reverse("risk-new"), risk_data(system))
    assert page.status_code == 422 and not Risk.objects.exists()
    assert system.name not in as_person(cast.outsider).get(reverse("risk-new")).content.decode()


def test_a_rating_outside_the_scale_is_refused_by_the_page(cast, system, as_person):
    page = as_person(cast.owner).post(reverse("risk-new"), risk_data(system, likelihood=9))
    assert page.status_code == 422 and not Risk.objects.exists()


def test_rate_treat_finish_accept_and_close_by_the_page(cast, system, as_person):
    risk = registered(cast, system, likelihood=3, impact=3)
    client = as_person(cast.owner)
    rating = {"likelihood": 3, "impact": 3, "residual_likelihood": 3, "residual_impact": 3}
    client.post(reverse("risk-rate", args=[risk.pk]), rating)
    plan = {"option": "mitigate", "plan": "Compare addresses.", "owner": cast.owner.pk, "due_on": "2099-01-31",
            "priority": "high"}  # fmt: skip
    client.post(reverse("risk-treat", args=[risk.pk]), plan)
    treatment = Treatment.objects.get()
    left = {"outcome_note": "Done as planned.", "residual_likelihood": 1, "residual_impact": 3}
    client.post(reverse("treatment-finish", args=[treatment.pk]), left)
    as_person(cast.approver).post(reverse("risk-accept", args=[risk.pk]), {"reason": REASON})
    risk.refresh_from_db()
    assert risk.status == "accepted" and risk.residual_level == "low"
    as_person(cast.risk_officer).post(reverse("risk-close", args=[risk.pk]), {"reason": REASON})
    assert events(risk) == [
        "risk.registered", "risk.rated", "risk.treated", "risk.rated", "risk.accepted", "risk.closed",
    ]  # fmt: skip


def test_each_treatment_has_a_form_of_its_own_that_begins_with_what_is_left(cast, system, as_person):
    risk = registered(cast, system, likelihood=4, impact=3)
    first, second = planned(cast, risk), planned(cast, risk, plan="Insure against complaints.")
    client = as_person(cast.owner)
    page = client.get(risk.get_absolute_url()).content.decode()
    for treatment in (first, second):
        chosen = re.search(
            rf'id="finish-{treatment.pk}-residual_likelihood".*?<option value="(\d)" selected', page, re.S
        )
        assert chosen.group(1) == "4"
    data = {"outcome_note": "Soon", "residual_likelihood": 1, "residual_impact": 1}
    page = client.post(reverse("treatment-finish", args=[second.pk]), data)
    assert page.status_code == 422 and page.content.decode().count("at least ten characters what came") == 2


def test_finishing_twice_is_answered_with_a_sentence(cast, system, as_person):
    treatment = planned(cast, registered(cast, system))
    client, url = as_person(cast.owner), reverse("treatment-finish", args=[treatment.pk])
    data = {"outcome_note": "Done as planned.", "residual_likelihood": 1, "residual_impact": 1}
    assert client.post(url, data).status_code == 302
    page = client.post(url, data)
    assert page.status_code == 422 and "This treatment is done already." in text_of(page)


def test_nothing_of_a_rating_is_chosen_beforehand(cast, system, as_person):
    page = as_person(cast.owner).post(reverse("risk-new"), risk_data(system, likelihood="", category=""))
    assert page.status_code == 422 and not Risk.objects.exists()


def test_who_wrote_a_risk_is_refused_its_acceptance_with_a_sentence(cast, system, as_person):
    risk = registered(cast, system, actor=cast.risk_officer)
    page = as_person(cast.risk_officer).post(reverse("risk-accept", args=[risk.pk]), {"reason": REASON})
    assert page.status_code == 422 and "somebody else must accept it" in text_of(page)
    risk.refresh_from_db()
    assert risk.status == "open"


def test_an_act_that_is_not_offered_is_refused_with_a_sentence(cast, system, as_person):
    risk = registered(cast, system)
    page = as_person(cast.auditor).post(reverse("risk-close", args=[risk.pk]), {"reason": REASON})
    assert page.status_code == 422 and "You may not do this" in text_of(page)


def test_only_acts_that_are_open_are_drawn(cast, system, as_person):
    risk = registered(cast, system)
    for person, verbs in ((cast.owner, {"rate", "treat", "close"}), (cast.approver, {"accept"}), (cast.auditor, set())):
        page = as_person(person).get(risk.get_absolute_url()).content.decode()
        drawn = {verb for verb in ("rate", "treat", "accept", "close", "reopen") if f"/{verb}/" in page}
        assert drawn == verbs, person


def test_the_heat_map_counts_what_is_left_and_says_so_in_a_table(cast, system, as_person):
    registered(cast, system, likelihood=5, impact=5)
    risk = registered(cast, system, likelihood=4, impact=4)
    actions.rate_risk(risk, likelihood=4, impact=4, residual_likelihood=2, residual_impact=1, actor=cast.risk_officer)
    client = as_person(cast.owner)
    page = client.get(reverse("risks")).content.decode()
    assert page.count('class="heat-count"') == 2 and page.count('class="heat-cell') == 25
    assert "?likelihood=2&amp;impact=1" in page and "impact 1 negligible" in text_of(client.get(reverse("risks")))
    before = client.get(reverse("risks"), {"rating": "inherent"}).content.decode()
    assert "likelihood=4&amp;impact=4" in before and "likelihood=2&amp;impact=1" not in before


def test_a_cell_of_the_map_shows_its_risks_only(cast, system, as_person):
    registered(cast, system, title="A rare thing", likelihood=1, impact=1)
    registered(cast, system, title="A likely thing", likelihood=5, impact=1)
    page = text_of(as_person(cast.owner).get(reverse("risks"), {"likelihood": 5, "impact": 1}))
    assert "A likely thing" in page and "A rare thing" not in page


@pytest.mark.parametrize("query", [{"likelihood": "x", "impact": "1"}, {"system": "nonsense"}, {"after": "forged"}])
def test_a_strange_address_shows_the_whole_list(cast, system, as_person, query):
    registered(cast, system, title="A rare thing")
    assert "A rare thing" in text_of(as_person(cast.owner).get(reverse("risks"), query))


def test_the_tab_of_a_version_shows_assessments_risks_and_map(cast, system, as_person):
    version = make_version(cast, make_model(cast, system))
    assessment, risk = approved(cast, system), registered(cast, system)
    page = as_person(cast.owner).get(reverse("version-risks", args=[version.pk]))
    shown = text_of(page)
    assert page.status_code == 200 and str(assessment) in shown and risk.title in shown
    assert "heat-map" in page.content.decode() and "Priya Privacy" in shown
