"""What a pack says of frameworks: the status of each for each system, and the rules by which it was decided."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.utils import translation

from registry.models import AISystem
from reports.evaluation import evaluate
from reports.framework_files import SLUGS, Framework
from reports.imported import lookup
from reports.printing import as_json
from reports.scope import Scope
from reports.sources import DjangoFacts

# Of many systems only the first framework is worked out, which the others are mapped to.
ALL_FRAMEWORKS: Final = 10
Said = Callable[[Any], Any]


def members(ids: Sequence[str], said: Said, *, as_of: datetime, language: str) -> Iterator[tuple[str, bytes]]:
    """The files by name: `frameworks/<system>/<framework>.json`, and `rules/…` with the digest that these name.

    `said` takes people out of what somebody wrote, where the pack names none.
    """
    used = lookup.in_use()[: None if len(ids) <= ALL_FRAMEWORKS else 1] if ids else []
    for framework in used:
        yield rules_of(framework, said)
    with translation.override(language):
        for pk in ids:
            system = AISystem.objects.select_related("unit").get(pk=pk)
            scope = Scope(user=None, as_of=as_of, focus=system.pk)
            scope.until = as_of.astimezone(UTC)  # who signs makes it again, when the log has gone on
            facts = DjangoFacts(None, system, as_of, scope)
            for framework in used:
                told = evaluate(framework, facts, system=str(system.pk), as_of=as_of).to_json()
                yield f"frameworks/{pk}/{framework.slug}.json", as_json(said(told))


def rules_of(framework: Framework, said: Said) -> tuple[str, bytes]:
    """What decides, byte for byte; one that was brought is a text of the organisation, which may name people."""
    name, content = lookup.rule_file(framework)
    return f"rules/{name}", content if framework.slug in SLUGS else said(content.decode()).encode()
