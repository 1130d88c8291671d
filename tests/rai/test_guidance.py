"""Which fairness metric fits a use: five answers, the advice of the rules, the person's choice and its reason."""

import itertools

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from rai import actions, guidance
from rai.catalogue import CHECKS
from rai.models import TestPlan
from registry.errors import BadInput
from registry.models import AuditEntry
from registry.plugins import resolved
from reports import contents
from tests import factories
from tests.rai import plans
from tests.rai.uploads import text_of

ANSWERS = {"effect": "punitive", "label": "trusted", "places": "open", "parity": "not_asked", "scores": "as_decision"}
WHY = "Wrong accusations are what hurts most here."


def advised(**changes: str) -> list[str]:
    """The metrics that these answers lead to."""
    return [one.metric for one in guidance.advice({**ANSWERS, **changes}).metrics]


@pytest.fixture
def draft(cast):
    """A draft of a plan."""
    return plans.drafted(cast, factories.make_version(cast))


# ---- the rules


def test_five_questions_are_asked():
    """Issue C 6."""
    assert [one.id for one in guidance.questions()] == ["effect", "label", "places", "parity", "scores"]


@pytest.mark.parametrize(
    ("changes", "metrics"),
    [
        ({}, ["false_positive_rate_difference"]),
        ({"places": "scarce"}, ["precision_difference"]),
        ({"effect": "assistive"}, ["false_negative_rate_difference"]),
        ({"effect": "assistive", "places": "scarce"}, ["true_positive_rate_difference"]),
        ({"label": "judged"}, ["selection_rate_difference"]),
        ({"label": "selective"}, ["selection_rate_difference"]),
        ({"parity": "asked"}, ["selection_rate_ratio", "false_positive_rate_difference"]),
        ({"scores": "as_probability"}, ["false_positive_rate_difference", "mean_residual_difference"]),
    ],
)
def test_answers_lead_to_the_metric_of_the_published_tree(changes, metrics):
    """Where the label is trusted, by who is hurt by which error; where it is not, by what does not rest on it."""
    assert advised(**changes) == metrics


def test_every_set_of_answers_leads_to_a_metric_with_reason_cost_and_source():
    """No combination leaves a person without advice, and none without what it gives up."""
    choices = [[(one.id, answer) for answer in one.answers] for one in guidance.questions()]
    for answers in itertools.product(*choices):
        found = guidance.advice(dict(answers)).metrics
        assert found, answers
        assert all(one.reason and one.gives_up and one.sources for one in found)


def test_every_metric_of_the_rules_can_be_put_a_limit_on():
    """The advice leads to a rule that the check reads."""
    for name, one in guidance.metrics().items():
        sign = ">=" if name.endswith("_ratio") else "<="
        resolved(CHECKS[one.check].read_rule)(f"{name}{sign}0.1")


def test_an_open_question_is_named():
    with pytest.raises(BadInput, match="true outcome"):
        guidance.advice({**ANSWERS, "label": ""})


# ---- the page


def test_the_advice_is_shown_before_anything_is_kept(client, cast, draft):
    """Without JavaScript: the answers travel in the address."""
    client.force_login(cast.owner)
    address = reverse("plan-guidance", args=[draft.pk])
    assert "Keep this with the plan" not in text_of(client.get(address))
    page = text_of(client.get(address, ANSWERS))
    assert "Difference of false positive rates" in page
    assert "It gives up:" in page
    assert "Chouldechova" in page
    assert TestPlan.objects.get().guidance == {}


def test_the_choice_and_its_reason_are_kept_with_the_plan_and_printed(client, cast, draft):
    """Answers, advice, choice, reason and person; on the page, in the log and in the report."""
    client.force_login(cast.owner)
    address = reverse("plan-guidance", args=[draft.pk], query=ANSWERS)
    posted = {"chosen": ["false_positive_rate_difference"], "reason": WHY}
    assert client.post(address, posted).status_code == 302
    kept = TestPlan.objects.get().guidance
    assert (kept["answers"], kept["chosen"], kept["deviates"]) == (ANSWERS, posted["chosen"], False)
    assert WHY in text_of(client.get(draft.get_absolute_url()))
    assert AuditEntry.objects.filter(action="plan.guided", object_id=draft.pk, actor=cast.owner).exists()
    actions.approve_plan(draft, reason="It covers what matters here.", actor=cast.risk_officer)
    version = draft.system.models.get().versions.get()
    told = contents.compliance(version, as_of=timezone.now())["plan"]
    printed = render_to_string("reports/documents/plan.html", {"plan": told})
    assert told["guidance"]["person"] == "Olga Owner"
    assert WHY in printed
    assert "Difference of false positive rates" in printed
    assert "no plan" not in printed


def test_a_person_may_deviate_with_a_reason_and_the_page_says_so(client, cast, draft):
    client.force_login(cast.owner)
    address = reverse("plan-guidance", args=[draft.pk], query=ANSWERS)
    refused = client.post(address, {"chosen": ["selection_rate_difference"], "reason": "I like it"})
    assert refused.status_code == 422
    assert "at least twenty characters" in text_of(refused)
    client.post(address, {"chosen": ["selection_rate_difference"], "reason": WHY})
    assert TestPlan.objects.get().guidance["deviates"] is True
    assert "differs from the advice" in text_of(client.get(draft.get_absolute_url()))


def test_a_report_without_a_plan_says_that_nothing_was_decided_beforehand(cast):
    version = factories.make_version(cast)
    assert contents.compliance(version, as_of=timezone.now())["plan"] == {}
    assert "was not decided beforehand" in render_to_string("reports/documents/plan.html", {"plan": {}})
