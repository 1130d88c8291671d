"""What a retired version answers where somebody would use it: no, with its successor."""

from typing import Any

from django.utils.translation import gettext as _

from registry.errors import DomainError
from registry.models import ModelVersion, VersionStatus


class VersionRetired(DomainError):
    """The version has ended; `successor` is what takes its place, as far as the person may see it."""

    def __init__(self, version: ModelVersion, successor: ModelVersion | None) -> None:
        self.successor = successor
        facts = {"version": version, "successor": successor}
        said = _("%(version)s is retired. Use its successor, %(successor)s.") if successor \
            else _("%(version)s is retired and no successor is named that you may see. Ask the owners of its system.")  # fmt: skip
        super().__init__(said % facts)


def require_in_use(version: ModelVersion, person: Any) -> None:
    """Refuse a version that is retired; the newest of its successors that is not, where the person may see it."""
    if version.status == VersionStatus.RETIRED:
        raise VersionRetired(version, successor_of(version, person))


def successor_of(version: ModelVersion, person: Any) -> ModelVersion | None:
    """The end of the line of successors: the first that is not retired itself, or else the last that may be seen."""
    seen, here = {version.pk}, version
    while here.successor_id is not None and here.successor_id not in seen:
        following = ModelVersion.objects.visible_to(person).filter(pk=here.successor_id).select_related("model").first()
        if following is None:
            break
        seen.add(following.pk)
        here = following
        if here.status != VersionStatus.RETIRED:
            break
    return None if here is version else here
