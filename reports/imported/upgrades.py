"""What an edition, or a file that is kept nowhere, would change against the edition in force."""

from typing import Any

from django.utils import timezone

from registry.models import AISystem
from reports.framework_files import Framework
from reports.framework_upgrades import Difference, difference
from reports.imported import actions, catalogue, lookup
from reports.models import FrameworkEdition
from reports.sources import DjangoFacts


def of_edition(row: FrameworkEdition, *, person: Any) -> Difference:
    """In rules, and in status as the reader may see the evidence."""
    return against_used(lookup.of_edition(row.pk, row.digest), person=person)


def of_file(content: bytes, *, file: str, slug: str) -> Framework:
    """The framework that a file would make, checked as if it were brought."""
    return catalogue.framework_of(actions.body_of(content, file=file, slug=slug), file=file)


def against_used(other: Framework, *, person: Any, system: AISystem | None = None) -> Difference:
    """A framework against the edition of that name in force, or against nothing."""
    row, now = actions.in_force(other.slug), timezone.now()
    used = lookup.of_edition(row.pk, row.digest) if row else lookup.empty(other)
    facts = DjangoFacts(user=person, system=system, as_of=now)
    return difference(other, facts, system=str(system.pk) if system else None, as_of=now, now=used)


def held(found: Framework) -> dict[str, Any]:
    """How much a framework holds, and how much of it stands without a rule."""
    return {
        "framework": found.slug,
        "digest": found.digest,
        "groups": len(found.groups),
        "controls": len(found.requirements),
        "without_rule": sum(not one.items for one in found.requirements),
    }
