"""Names of the log and of the code (acts, parts of material, checks) as people read them."""

from django.utils.translation import gettext, gettext_noop as _, pgettext, pgettext_lazy

# A name is put into words by its own letters; what stands here is what a translation must know besides the
# words that pages say anyway. A name that is missing is shown in English.
THINGS = (
    _("Acceptance"), _("Alarm"), _("Answer"), _("Assessment"), _("Assessment part"), _("Baseline"), _("Card"),
    _("Chart"), _("Check"), _("Counts"), _("Dataset"), _("Dataset version"), _("Deployment"), _("Duty"), _("Erasure"),
    _("Evidence"), _("Incident"), _("Incident note"), _("Installation"), _("Key"), _("Link"), _("Model"), _("Pack"),
    _("Person"), _("Plan"), _("Predictions"), _("Release"), _("Report"), _("Review"), _("Risk"), _("Sign off"),
    _("Signature"), _("System"), _("Task"), _("Token"), _("Treatment"), _("Unit"), _("Version"), _("Waiver"),
    _("Affected version"), _("Data terms"), _("Reclassification"),
    _("Data access"), _("Data use"), _("Pipeline step"),
    _("Consumer"), _("Retirement"), _("Retirement line"), _("Retirement plan"), _("Vendor end"),
    _("Candidate"), _("Comparison"), _("Component"), _("Component use"), _("Vendor"), _("Vendor assessment"),
    _("Agreement"), _("Backup"), _("Checkpoint"), _("Plan run"), _("Intake"), _("Found use"), _("Dependence"),
    _("Artifact"), _("Artifact version"), _("Entry"), _("Event"),
    _("Gates"), _("Stage opinion"), _("Comment"), _("Condition"), _("Question"),
    _("Rollout"), _("Later run"),
    _("Meeting"), _("Agenda item"), _("Attendance"), _("Minutes"), _("Delegation"), _("Delegated act"), _("Reminder"),
    _("Desk item"),
)  # fmt: skip
ACTS = (
    pgettext_lazy("act", "stamp kept"), pgettext_lazy("act", "second signature kept"), pgettext_lazy("act", "second key kept"),
    pgettext_lazy("act", "renewed"), pgettext_lazy("act", "renewal asked"), pgettext_lazy("act", "step begun"),
    pgettext_lazy("act", "halted"), pgettext_lazy("act", "overtaken"), pgettext_lazy("act", "immaterial change"),
    pgettext_lazy("act", "approval brought over"), pgettext_lazy("act", "tested"), pgettext_lazy("act", "told"),
    pgettext_lazy("act", "accepted"), pgettext_lazy("act", "added"), pgettext_lazy("act", "answered"),
    pgettext_lazy("act", "approved"), pgettext_lazy("act", "asked"), pgettext_lazy("act", "begun"),
    pgettext_lazy("act", "built"), pgettext_lazy("act", "cancelled"), pgettext_lazy("act", "changed"),
    pgettext_lazy("act", "changes requested"), pgettext_lazy("act", "closed"), pgettext_lazy("act", "committed"),
    pgettext_lazy("act", "computed"), pgettext_lazy("act", "confirmed"), pgettext_lazy("act", "created"),
    pgettext_lazy("act", "declined"), pgettext_lazy("act", "deprecated"), pgettext_lazy("act", "downloaded"),
    pgettext_lazy("act", "draft"), pgettext_lazy("act", "drafted"), pgettext_lazy("act", "drawn"),
    pgettext_lazy("act", "due"), pgettext_lazy("act", "edited"), pgettext_lazy("act", "ended"),
    pgettext_lazy("act", "expired"), pgettext_lazy("act", "failed"), pgettext_lazy("act", "file downloaded"),
    pgettext_lazy("act", "finished"), pgettext_lazy("act", "frozen"), pgettext_lazy("act", "given"),
    pgettext_lazy("act", "granted"), pgettext_lazy("act", "guided"), pgettext_lazy("act", "in review"),
    pgettext_lazy("act", "kept"), pgettext_lazy("act", "link made"), pgettext_lazy("act", "link sent"),
    pgettext_lazy("act", "locked out"), pgettext_lazy("act", "made"), pgettext_lazy("act", "managed"),
    pgettext_lazy("act", "moved"), pgettext_lazy("act", "opened"), pgettext_lazy("act", "passkey copied"),
    pgettext_lazy("act", "password set"), pgettext_lazy("act", "planned"), pgettext_lazy("act", "proposed"),
    pgettext_lazy("act", "published"), pgettext_lazy("act", "put back"), pgettext_lazy("act", "raised"),
    pgettext_lazy("act", "rated"), pgettext_lazy("act", "read"), pgettext_lazy("act", "recorded"),
    pgettext_lazy("act", "recovery code used"), pgettext_lazy("act", "recovery codes renewed"),
    pgettext_lazy("act", "refused"), pgettext_lazy("act", "registered"), pgettext_lazy("act", "rejected"),
    pgettext_lazy("act", "removed"), pgettext_lazy("act", "reopened"), pgettext_lazy("act", "reported"),
    pgettext_lazy("act", "requested"), pgettext_lazy("act", "restored"), pgettext_lazy("act", "retired"),
    pgettext_lazy("act", "revoked"), pgettext_lazy("act", "run"), pgettext_lazy("act", "saved"),
    pgettext_lazy("act", "scored"), pgettext_lazy("act", "second factor added"),
    pgettext_lazy("act", "second factor removed"), pgettext_lazy("act", "sent back"),
    pgettext_lazy("act", "signed in"), pgettext_lazy("act", "started"), pgettext_lazy("act", "stopped"),
    pgettext_lazy("act", "submitted"), pgettext_lazy("act", "superseded"), pgettext_lazy("act", "suspended"),
    pgettext_lazy("act", "affected"), pgettext_lazy("act", "class changed"), pgettext_lazy("act", "cleared"),
    pgettext_lazy("act", "decided"), pgettext_lazy("act", "output labelled"), pgettext_lazy("act", "reclassified"),
    pgettext_lazy("act", "restricted"), pgettext_lazy("act", "returned"), pgettext_lazy("act", "steward changed"),
    pgettext_lazy("act", "treated"), pgettext_lazy("act", "uploaded"), pgettext_lazy("act", "voided"),
    pgettext_lazy("act", "assessed"),
    pgettext_lazy("act", "reviewed"),
    pgettext_lazy("act", "purpose changed"),
    pgettext_lazy("act", "checked"),
    pgettext_lazy("act", "forbidden"),
    pgettext_lazy("act", "terms changed"),
    pgettext_lazy("act", "valued"),
    pgettext_lazy("act", "withdrawn"), pgettext_lazy("act", "written"),
    pgettext_lazy("act", "acknowledged"), pgettext_lazy("act", "completed"), pgettext_lazy("act", "done"),
    pgettext_lazy("act", "imported"), pgettext_lazy("act", "signed"), pgettext_lazy("act", "told"),
    pgettext_lazy("act", "deactivated"),
    pgettext_lazy("act", "deputy named"),
    pgettext_lazy("act", "dismissed"),
    pgettext_lazy("act", "noted"),
    pgettext_lazy("act", "owner assigned"),
    pgettext_lazy("act", "ownership accepted"),
    pgettext_lazy("act", "ownership declined"),
    pgettext_lazy("act", "taken in"),
    pgettext_lazy("act", "backup failed"), pgettext_lazy("act", "backup verified"), pgettext_lazy("act", "doubted"),
    pgettext_lazy("act", "drifted"), pgettext_lazy("act", "fallback chosen"), pgettext_lazy("act", "known good"),
    pgettext_lazy("act", "invited"), pgettext_lazy("act", "sent"),
    pgettext_lazy("act", "matched"), pgettext_lazy("act", "observed"), pgettext_lazy("act", "redeployed"),
    pgettext_lazy("act", "revised"), pgettext_lazy("act", "file attached"),
    pgettext_lazy("act", "rolled back"), pgettext_lazy("act", "store verified"),
    pgettext_lazy("act", "audited"), pgettext_lazy("act", "brought into force"),
    pgettext_lazy("act", "lapsed"), pgettext_lazy("act", "met"), pgettext_lazy("act", "not needed"),
    pgettext_lazy("act", "set"), pgettext_lazy("act", "verified"),
)  # fmt: skip
PARTS = (
    _("Component uses"),
    _("Assessments"), _("Baselines"), _("Components"), _("Context"), _("Incidents"), _("Open risks"), _("Policy"),
    _("Waivers"), _("Plans"), _("Notes"),
)  # fmt: skip


def in_words(name: str) -> str:
    """A name such as group_fairness, or an act such as version.approved, in the reader's language."""
    thing, _dot, act = name.replace("_", " ").partition(".")
    if not act:
        return gettext(thing.capitalize())
    return gettext("%(thing)s: %(act)s") % {"thing": gettext(thing.capitalize()), "act": pgettext("act", act)}
