"""Pages of test plans as a browser draws them: no accessibility violation, nothing wider than the screen, and by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from celery import current_app
from django.urls import reverse
from django.utils import timezone

from rai import actions
from rai.running import schedules
from tests import factories
from tests.browser.test_look import CORNERS, RULES, THEMES, WIDTHS, enter  # noqa: F401 (a fixture)
from tests.conftest import is_full
from tests.rai import plans
from tests.rai.test_guidance import ANSWERS, WHY
from tests.rai.test_pages import finish
from tests.rai.test_retraining import COSTS

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def places(transactional_db, monkeypatch):
    """People, and the addresses of every page of plans with something on it. No worker is to be rung here."""
    monkeypatch.setattr(current_app, "send_task", lambda *args, **more: None)
    cast = factories.make_cast()
    version = factories.make_version(cast)
    plans.limited(cast, version)
    draft = plans.drafted(cast, version)
    actions.record_guidance(draft, answers=ANSWERS, chosen=["selection_rate_difference"], reason=WHY, actor=cast.owner)
    plan = actions.approve_plan(draft, reason="It covers what matters here.", actor=cast.risk_officer)
    table = plans.read(cast, version, plans.rows_of(350, 150))
    alarm = finish(
        actions.request_check(
            version, slug="group_fairness", predictions=table, parameters=plans.FAIRNESS, actor=cast.owner
        ),
        verdict="fail",
    )
    schedules.run_due(timezone.localdate())
    schedules.run_due(timezone.localdate() + timezone.timedelta(days=30))
    table = plans.read(cast, version, plans.rows_of(200, 200), role="test")
    actions.request_check(
        version, slug="group_fairness", predictions=table, parameters=plans.FAIRNESS, actor=cast.owner
    )
    new = actions.draft_plan(version.home_system, actor=cast.owner)
    guide = reverse("plan-guidance", args=[new.pk])
    return cast, {
        "work": reverse("home"),
        "plans": reverse("plans", args=[version.home_system.pk]),
        "plan": plan.get_absolute_url(),
        "draft": new.get_absolute_url(),
        "edit": reverse("plan-edit", args=[new.pk]),
        "check": reverse("plan-check", args=[new.pk]),
        "columns": reverse("plan-check", args=[new.pk], query={"check": "group_fairness", "table": table.pk}),
        "guidance": guide,
        "advice": reverse("plan-guidance", args=[new.pk], query=ANSWERS),
        "retraining": reverse("plan-retraining", args=[new.pk], query=COSTS | {"decay": "1.2"}),
        "alarm": alarm.get_absolute_url(),
        "answer": reverse("alarm-answer", args=[alarm.pk]),
        "evidence": reverse("evidence-list"),
        "version": reverse("version-evidence", args=[version.pk]),
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("theme", "width"), [(t, w) for t in THEMES for w in WIDTHS] if is_full() else CORNERS)
def test_pages_of_plans_meet_wcag_and_fit_the_screen(theme, width, places, enter, live_server):  # noqa: F811
    """Every page of plans, guidance, alarms and endings."""
    cast, addresses = places
    page, said = enter(cast.owner, color_scheme=theme, viewport={"width": width, "height": 900})
    faults = []
    for name, address in addresses.items():
        page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        result = Axe().run(page, options=RULES)
        faults += [
            f"{name}: {fault['id']} {fault['nodes'][0]['html'][:160]}" for fault in result.response["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{name}: wider than {width} px")
    assert not faults, "\n".join(faults)
    assert said == []


@pytest.mark.timeout(300)
def test_the_five_questions_work_without_javascript(places, browser_context, live_server):
    """Issue C 6: answered, advised and kept by forms alone."""
    cast, addresses = places
    context = browser_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + reverse("login"))
    page.fill("[name=username]", cast.owner.email)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button[type=submit]")
    page.goto(live_server.url + addresses["guidance"])
    for question, answer in ANSWERS.items():
        page.check(f"[name={question}][value={answer}]")
    page.click("text=Show what fits")
    assert "Difference of false positive rates" in page.inner_text("main")
    page.fill("[name=reason]", WHY)
    page.click("text=Keep this with the plan")
    assert WHY in page.inner_text("main")
