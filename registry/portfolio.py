"""Which systems rest on which: the ways down from a system, and the layers as a reader may see them."""

from uuid import UUID

from registry.models import Dependence


def way_down(start: UUID, end: UUID) -> list[UUID]:
    """A shortest chain of systems from `start` down to `end`, both included; empty when there is none."""
    before: dict[UUID, UUID | None] = {start: None}
    level = {start}
    while level and end not in before:
        pairs = Dependence.objects.standing().filter(system__in=level).values_list("system_id", "rests_on_id")
        new = {below: above for above, below in pairs if below not in before}
        before.update(new)
        level = set(new)
    chain: list[UUID] = []
    at: UUID | None = end if end in before else None
    while at is not None:
        chain.append(at)
        at = before[at]
    return chain[::-1]
