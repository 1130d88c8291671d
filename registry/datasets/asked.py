"""What the standard asks of a version of data, and what of it is not answered yet: terms, type, labels, pipeline."""

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry.datasets import pipelines, standard
from registry.datasets.standard import Rule
from registry.models import Dataset, DatasetVersion

# Whoever says one of these is asked for all that make it mean something.
LABELS: Final = ("labelled_by", "labelling_instructions", "label_agreement")
LABELS_ASK: Final = ("labelled_by", "labelling_instructions")


def rules_of(data: DatasetVersion) -> tuple[Rule, Rule]:
    """The rule of how it was obtained, and that of its type."""
    return standard.rule_of("obtained", data.obtained), standard.rule_of("kinds", data.dataset.kind)


def unsaid(data: DatasetVersion) -> list[str]:
    """The columns that the standard asks for and that say nothing, as people call them."""
    asks = ["obtained", *(name for rule in rules_of(data) for name in rule.asks)]
    if any(getattr(data, name) not in ("", None) for name in LABELS):
        asks += LABELS_ASK
    return [label for name in dict.fromkeys(asks) if (label := label_if_empty(data, name))]


def label_if_empty(data: DatasetVersion, name: str) -> str:
    """What a column of the version, or else of its data set, is called; empty where it says something."""
    names = {field.name for field in DatasetVersion._meta.concrete_fields}
    row, model = (data, DatasetVersion) if name in names else (data.dataset, Dataset)
    return str(model._meta.get_field(name).verbose_name) if getattr(row, name) in ("", None) else ""  # type: ignore[union-attr]


def kept_too_long(data: DatasetVersion) -> str:
    """Why its end lies later than its type allows, as a sentence; empty where it does not."""
    days = standard.rule_of("kinds", data.dataset.kind).keep_days
    if days is None or data.retention_until is None:
        return ""
    begun = data.created_at or timezone.now()
    latest = begun.date() + timedelta(days=days)
    if data.retention_until <= latest:
        return ""
    return _("%(kind)s are kept %(days)d days at most: until %(day)s.") % {
        "kind": data.dataset.get_kind_display(), "days": days, "day": date_format(latest),
    }  # fmt: skip


def unfit_uses(data: DatasetVersion, uses: list[str]) -> list[str]:
    """Of some uses, those for which data of its type never serve."""
    allowed = standard.rule_of("kinds", data.dataset.kind).uses
    return [use for use in uses if allowed and use not in allowed]


def open_questions(data: DatasetVersion) -> list[str]:
    """Everything about it that is not in order, as sentences."""
    words = unsaid(data)
    found = [_("Not said yet: %s.") % ", ".join(words)] if words else []
    found += [text for text in [kept_too_long(data)] if text]
    return found + [str(each) for each in pipelines.findings(data)]
