"""Template tags that every page shares: verdict and status badges, numbers with intervals, digests, dates, form controls."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma, naturaltime
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.utils import formats, timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy

from registry.act_words import in_words
from registry.icons import FILLED, PATHS

register = template.Library()

VERDICTS: Final = {
    "pass": pgettext_lazy("verdict", "Pass"),
    "fail": pgettext_lazy("verdict", "Fail"),
    "insufficient": pgettext_lazy("verdict", "Insufficient"),
    "recorded": pgettext_lazy("verdict", "Recorded"),
    "error": pgettext_lazy("verdict", "Error"),
    "stale": pgettext_lazy("verdict", "Stale"),
    "waived": pgettext_lazy("verdict", "Waived"),
    "waiting": gettext_lazy("No verdict yet"),
}
# Gates and jobs have words of their own for the same seven answers.
SAME_AS: Final = {"passed": "pass", "failed": "fail", "errored": "error", "expired": "stale"}
TONES: Final = {
    "good": {
        "approved",
        "published",
        "active",
        "running",
        "finished",
        "done",
        "accepted",
        "production",
        "current",
        "granted",
        "fits",
        "pass",
    },
    "busy": {"in_review", "open", "queued", "pending", "pilot", "submitted", "starting", "validation", "claimed"},
    "warn": {"changes_requested", "deprecated", "suspended", "overdue", "high", "restricted", "stale"},
    "bad": {
        "rejected",
        "errored",
        "critical",
        "failed",
        "removed",
        "revoked",
        "withdrawn",
        "voided",
        "refused",
        "unfit",
        "fail",
    },
}
DIGITS_SHOWN: Final = 12
RECENT: Final = timedelta(days=30)


@register.simple_tag
def icon(name: str) -> SafeString:
    """The named drawing; it says nothing to a screen reader, so a word always stands beside it."""
    kind = "icon-filled" if name in FILLED else "icon-drawn"
    return format_html(
        '<svg class="att-icon {}" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        kind,
        PATHS[name],
    )


@register.simple_tag
def verdict(value: str | None) -> SafeString:
    """Badge of a verdict or a gate's answer: word, icon and colour. None means that none was reached yet."""
    key = str(value or "waiting").lower()
    key = SAME_AS.get(key, key)
    if key not in VERDICTS:
        raise template.TemplateSyntaxError(f"{value!r} is no verdict; known are {', '.join(VERDICTS)}")
    return format_html('<span class="verdict verdict-{}">{}<span>{}</span></span>', key, icon(key), VERDICTS[key])


@register.simple_tag
def status(value: Any, label: str = "") -> SafeString:
    """Badge of a status: an object with `status`, or a value with its label."""
    if hasattr(value, "get_status_display"):
        value, label = value.status, value.get_status_display()
    key = str(value).lower()
    tone = next((tone for tone, names in TONES.items() if key in names), "calm")
    return format_html('<span class="status status-{}">{}</span>', tone, label or str(value))


@register.simple_tag
def measure(value: float | None, low: float | None = None, high: float | None = None, n: int | None = None,
            digits: int = 2, reason: str = "") -> SafeString:  # fmt: skip
    """A number with its interval and n, `0.21 (0.18–0.24), n = 2,454`; None says why there is none."""
    if value is None:
        return format_html('<span class="measure measure-none">{}</span>', reason or _("cannot be computed"))
    parts = [rounded(value, digits)]
    if low is not None and high is not None:
        parts.append(f"({rounded(low, digits)}–{rounded(high, digits)})")
    text = " ".join(parts)
    if n is not None:
        text = _("%(figure)s, n = %(n)s") % {"figure": text, "n": intcomma(n)}
    return format_html('<span class="measure">{}</span>', text)


def rounded(value: float, digits: int) -> str:
    """The number in the reader's notation; rounded here, because Django's own function cuts the digits off."""
    return formats.number_format(round(value, digits), digits)


@register.simple_tag
def digest(value: str | None) -> SafeString:
    """A digest cut to twelve digits, whole on hover and through the copy button."""
    if not value:
        return format_html('<span class="text-secondary">{}</span>', _("none"))
    method, colon, digits = str(value).rpartition(":")
    if len(digits) <= DIGITS_SHOWN:
        return format_html('<code class="digest-text">{}</code>', value)
    return format_html(
        '<span class="digest"><code class="digest-text" title="{full}">{short}…</code>'
        '<button type="button" class="copy" data-copy="{full}" data-done="{done}" aria-label="{name}" hidden>{icon}'
        "</button></span>",
        full=value,
        short=f"{method}{colon}{digits[:DIGITS_SHOWN]}",
        done=_("Copied"),
        name=_("Copy the whole digest"),
        icon=icon("copy"),
    )


@register.simple_tag
def when(value: datetime | date | str | None, empty: str = "") -> SafeString | str:
    """A moment as distance from now while it is near, else as a date; the absolute one stands on hover."""
    if not value:
        return empty or "–"
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        text = formats.date_format(value, "DATE_FORMAT")
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)
    local = timezone.localtime(value)
    absolute = formats.date_format(local, "DATETIME_FORMAT") + local.strftime(" %Z")
    near = abs(timezone.now() - value) < RECENT
    text = naturaltime(value) if near else formats.date_format(local, "DATE_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), absolute, text)


@register.simple_tag
def due(value: datetime | date | None) -> SafeString | str:
    """A deadline with its weekday and the days left, or by how many it is over."""
    if value is None:
        return "–"
    day = timezone.localdate(value) if isinstance(value, datetime) else value
    left = (day - timezone.localdate()).days
    told = {
        "weekday": formats.date_format(day, "l"),
        "day": formats.date_format(day, "DATE_FORMAT"),
        "left": _days(left),
    }
    return format_html(
        '<time class="due{}" datetime="{}">{}</time>',
        " due-over" if left < 0 else "",
        day.isoformat(),
        _("%(weekday)s %(day)s, %(left)s") % told,
    )


def _days(left: int) -> str:
    if left == 0:
        return _("today")
    if left > 0:
        return ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left}
    return ngettext("%(days)d day over", "%(days)d days over", -left) % {"days": -left}


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's widget in the look of its kind; help and errors are tied to it by Django."""
    widget = field.field.widget
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return spoken(field, field.as_widget())
    if isinstance(widget, CheckboxInput):
        look = "form-check-input"
    elif isinstance(widget, Select):
        look = "form-select"
    else:
        look = "form-control form-control-file" if isinstance(widget, FileInput) else "form-control"
    kept = widget.attrs.get("class", "")
    return spoken(
        field, field.as_widget(attrs={"class": f"{kept} {look}{' is-invalid' if field.errors else ''}".strip()})
    )


def spoken(field: BoundField, drawn: SafeString) -> SafeString:
    """The empty choice as a word: Django draws dashes, which say nothing, least of all to who hears the page."""
    dashes = f">{BLANK_CHOICE_DASH[0][1]}<"
    if dashes not in drawn:
        return drawn
    return SafeString(drawn.replace(dashes, f">{escape(_('Choose') if field.field.required else _('None'))}<"))


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the label belongs after the box."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is a group of boxes or dials, which wants a fieldset and a legend."""
    return isinstance(field.field.widget, (RadioSelect, CheckboxSelectMultiple))


@register.simple_tag(takes_context=True)
def here_with(context: template.Context, **changes: Any) -> str:
    """This page's address with some query parameters changed; an empty value takes one away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = value
    return f"?{query.urlencode()}"


@register.filter(name="hex")
def as_hex(value: bytes) -> str:
    """Stored digest bytes as digests are written everywhere else."""
    return f"sha256:{bytes(value).hex()}"


@register.filter
def lineage_type(label: str) -> str:
    """The word for a row's type in the addresses of the lineage pages."""
    kinds = {"ModelVersion": "version", "DatasetVersion": "dataset", "ArtifactVersion": "artifact"}
    return kinds.get(label.removeprefix("registry."), "other")


@register.filter
def words(slug: str) -> str:
    """A slug such as group_fairness as people read it."""
    return in_words(slug)
