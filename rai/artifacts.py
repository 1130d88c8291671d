"""Checks of the file of a model itself, kept as evidence when run: what opening it would do, and whether it is still the same.

Neither changes what the product does with a file. A pickle is never opened, however harmless its list looks.
"""

import hashlib
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from registry import serving
from registry.models import Deployment, ModelVersion, Verdict
from registry.record_checks import Finding, record_check


@record_check(
    "security.artifact_scan",
    _("What opening the model file would do"),
    {
        "data": _("%(file)s is recognised as: %(format)s. It holds data, and is run in the walled child process alone."),
        "code": _("%(file)s is recognised as: %(format)s. Opening it runs whatever code it contains, so it is kept and never opened here. It would call: %(calls)s."),
        "code_unnamed": _("%(file)s is recognised as: %(format)s. Opening it runs whatever code it contains, so it is kept and never opened here."),
        "forbidden": _("%(file)s would not be run here: %(what)s."),
        "other": _("%(file)s is recognised as: %(format)s. Nothing is known here of what opening it does."),
        "unread": _("%(file)s could not be looked at: %(why)s"),
    },
)  # fmt: skip
def artifact_scan(version: ModelVersion) -> list[Finding]:
    """The file's kind and the list of what it would call, read in the child; nothing of it is loaded."""
    from rai.checks.contract import InputError
    from rai.sandbox import launcher
    from rai.sandbox.limits import Limits

    name = version.artifact_name
    try:
        found = launcher.run(
            "artifact", {}, files={"model": version.artifact.path}, titles={"model": name},
            limits=Limits(processor=20, wall=30),
        ).json  # fmt: skip
    except (InputError, launcher.SandboxError) as error:
        return [Finding("unread", Verdict.INSUFFICIENT, {"file": name, "why": str(error)})]
    facts = {"file": name, "format": str(found["name"])}
    if found["is_pickle"] or found["format"] in ("hdf5", "keras", "numpy"):
        calls = ", ".join(map(str, found["calls"])) + (" …" if found["more"] else "")
        return [Finding("code" if calls else "code_unnamed", Verdict.FAIL, facts | {"calls": calls})]
    if found["forbidden"]:
        return [Finding("forbidden", Verdict.FAIL, {"file": name, "what": str(what)}) for what in found["forbidden"]]
    return [
        Finding("data", Verdict.PASS, facts) if found["is_model"] else Finding("other", Verdict.INSUFFICIENT, facts)
    ]


@record_check(
    "security.artifact_integrity",
    _("The model file is the registered one"),
    {
        "same": _("The stored bytes of %(file)s still have the digest that was registered."),
        "changed": _("The stored bytes of %(file)s have another digest than was registered: %(digest)s."),
        "gone": _("The stored bytes of %(file)s are gone."),
        "running_same": _("What was seen running in %(environment)s (%(region)s) is what its release holds."),
        "running_other": _("Something else runs in %(environment)s (%(region)s) than its release holds: %(digests)s."),
        "running_unseen": _("Nobody has reported yet which bytes run in %(environment)s (%(region)s)."),
    },
)
def artifact_integrity(version: ModelVersion) -> list[Finding]:
    """The digest of the stored bytes anew, and what deployments of the version reported of themselves."""
    running = Deployment.objects.filter(release__version=version, status=Deployment.Status.RUNNING)
    return [stored(version), *(seen(one) for one in running.order_by("created_at", "pk"))]


def stored(version: ModelVersion) -> Finding:
    """The stored bytes against the registered digest."""
    facts = {"file": version.artifact_name}
    path: Path = version.artifact.path
    if not path.is_file():
        return Finding("gone", Verdict.FAIL, facts)
    with path.open("rb") as file:
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    if digest == version.artifact_hash:
        return Finding("same", Verdict.PASS, facts)
    return Finding("changed", Verdict.FAIL, facts | {"digest": digest})


def seen(deployment: Deployment) -> Finding:
    """What a deployment reported of the bytes that it runs."""
    facts = {"environment": str(deployment.environment), "region": deployment.region or "–"}
    if deployment.observed_at is None:
        return Finding("running_unseen", Verdict.INSUFFICIENT, facts)
    strange = serving.strange(deployment, deployment.observed_digests)
    if strange:
        return Finding("running_other", Verdict.FAIL, facts | {"digests": ", ".join(map(str, strange))})
    return Finding("running_same", Verdict.PASS, facts)
