"""Addresses for tests of the parts alone: every badge and component once, and a job that ends at the third question."""

import itertools
from datetime import timedelta
from types import SimpleNamespace

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from django.utils import timezone

from registry.gates import GateResult
from registry.templatetags.attestry import VERDICTS
from registry.version_page import Step

PARTS = """{% extends "base.html" %}{% load attestry %}{% block heading %}Parts{% endblock %}{% block content %}
<section class="panel">{% for value in verdicts %}{% verdict value %} {% endfor %}</section>
<section class="panel">{% for value in statuses %}{% status value %} {% endfor %}</section>
<section class="panel">{% measure 0.21 0.18 0.24 2454 %} {% measure None %} {% digest digest %} {% when now %} {% due soon %} {% due past %}</section>
{% include "components/stepper.html" %}<section class="panel">{% include "components/gates.html" %}</section>
{% for job in jobs %}{% include "components/job.html" %}{% endfor %}
{% for kind in notes %}<p class="note note-{{ kind }}">A note. <a href="#main">A link</a></p>{% endfor %}
<ul class="filters"><li><a class="chip" aria-current="true" href="#main">All <span>9</span></a></li><li><a class="chip" href="#main">Open</a></li></ul>
<p><button class="btn btn-primary">First</button> <button class="btn">Second</button> <button class="btn btn-danger">Third</button></p>
{% include "components/empty.html" with title="Nothing here" why="It matters." step="Begin" url="/" %}{% endblock %}"""
JOB = """{% extends "base.html" %}{% load attestry %}{% block heading %}Job{% endblock %}{% block content %}
{% include "components/job.html" %}{% if job.status == "finished" %}<p id="result">The result. {% digest digest %}</p>{% endif %}{% endblock %}"""

asked = itertools.count(1)


def sample_job(pk: str, status: str, **more) -> SimpleNamespace:
    """Something with what components/job.html reads."""
    told = {"message": "", "reason": "", "progress": 0, "started_at": timezone.now(), **more}
    return SimpleNamespace(pk=pk, status=status, get_status_display=status.title, **told)


@login_not_required
def parts(request: HttpRequest) -> HttpResponse:
    """Every part once."""
    now = timezone.now()
    context = {
        "verdicts": [*VERDICTS, None],
        "statuses": ["draft", "in_review", "approved", "changes_requested", "rejected", "high", "critical"],
        "digest": "sha256:" + "ab" * 32,
        "now": now,
        "soon": now + timedelta(days=6),
        "past": now - timedelta(days=3),
        "steps": [Step("Draft", "done"), Step("Checks", "stopped", "a gate is closed"), Step("Review", "current"), Step("End", "ahead")],
        "gates": [
            GateResult("failed", "The card misses 3 fields.", "/", "card", "Model card"),
            GateResult("insufficient", "Too few rows.", "/", "evidence", "Checks"),
            GateResult("waived", "Until March.", "", "x", "Risks"),
            GateResult("passed", "Both are active.", "", "owners", "Owners"),
        ],
        "jobs": [
            sample_job("1", "queued"),
            sample_job("2", "running", progress=42, message="Counting groups"),
            sample_job("3", "errored", reason="Column race has 12 empty values (rows 4, 90). Fill them and upload again."),
        ],
        "notes": ["success", "warning", "error", "info"],
    }  # fmt: skip
    return HttpResponse(Template(PARTS).render(RequestContext(request, context)))


@login_not_required
def job(request: HttpRequest) -> HttpResponse:
    """A job that is done when it is asked about for the third time."""
    number = next(asked)
    found = sample_job("7", "finished" if number > 2 else "running", progress=min(100, 40 * number))
    return HttpResponse(Template(JOB).render(RequestContext(request, {"job": found, "digest": "sha256:" + "cd" * 32})))


urlpatterns = [path("parts/", parts), path("job/", job), path("systems/", parts, name="systems")]
