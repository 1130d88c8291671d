"""Keeps with a release what changed in a part that its policy calls immaterial: it voids nothing, and is in sight."""

from typing import Any

from django.utils import timezone

from registry import material
from registry.audit import log
from registry.canonical import digest, plain
from registry.models import Review


def note(review: Review, *, because: str, actor: Any) -> None:
    """Write down each immaterial part that reads anew, once for each reading, with what changed it and who."""
    spared = material.immaterial(review.material)
    if not spared:
        return  # most policies: spared reading the whole material once more
    release = review.release
    known = {(row["part"], row["digest"]) for row in release.immaterial_changes}
    found = []
    for part in sorted(set(material.differing(release, review.material)) & spared):
        reading = digest(plain(material.MATERIAL[part].read(release)))
        if (part, reading) not in known:
            found.append({"part": part, "digest": reading, "because": because, "who": str(actor or ""),
                          "on": timezone.localdate().isoformat()})  # fmt: skip
    if not found:
        return
    release.immaterial_changes = [*release.immaterial_changes, *found]
    release.save()
    log.record(actor, "release.immaterial_change", release, reason=because, parts=[row["part"] for row in found])
