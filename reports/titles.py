"""Names of the vocabulary as people read them."""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy


@dataclass(frozen=True)
class Title:
    """A name of the vocabulary as people read it: `metric_baseline` becomes “metric baseline”."""

    name: str

    @property
    def text(self) -> str:
        """The name in the reader's language where a catalogue has it."""
        known = POPULATIONS.get(self.name) or BASES.get(self.name) or STATES.get(self.name)
        return str(known or translated(self.name.replace("_", " ")))


def translated(words: str) -> str:
    """The words in the reader's language; as lists and forms head them where the catalogue has them only so."""
    title = words[:1].upper() + words[1:]
    for text in (words, title):
        if gettext(text) != text:
            return gettext(text)
    return words


BASES = {
    "measured": _("measured"),
    "process": _("process"),
    "reported": _("reported"),
    "documented": _("documented"),
    "attested": _("attested"),
}

# A state, where the bare word is the head of a column with a day in it.
STATES = {"approved": pgettext_lazy("act", "approved")}

POPULATIONS = {
    "organisation": _("the organisation"),
    "self": _("systems in use"),
    "all_systems": _("systems that are not retired"),
    "systems_in_use": _("systems in use"),
    "high_tier_in_use": _("systems in use of tier high or critical"),
    "generative_in_use": _("generative systems in use"),
    "agentic_in_use": _("agentic systems in use"),
    "third_party_in_use": _("systems in use with third-party parts"),
    "personal_data_in_use": _("systems in use that process personal data"),
    "people_affecting_in_use": _("systems in use that bear on people"),
    "retired_systems": _("retired systems"),
    "published_releases_365": _("releases published within a year"),
    "active_vendors": _("active vendors"),
    "critical_vendors": _("critical vendors"),
    "vendor_models_in_use": _("vendor models in use"),
    "open_high_risks": _("open risks of level high or critical"),
    "incidents_365": _("incidents of the last year"),
    "serious_incidents_365": _("serious incidents of the last year"),
    "third_party_incidents_365": _("third-party incidents of the last year"),
    "feedback_365": _("items of feedback of the last year"),
    "appeals_365": _("appeals of the last year"),
    "datasets_in_use": _("data sets in use"),
    "reclassifications_365": _("reclassifications of the last year"),
    "approved_policies": _("approved policies"),
    "people_with_ai_roles": _("people with AI roles"),
    "erasure_requests_365": _("erasure requests of the last year"),
    "breaches_365": _("threshold breaches of the last year"),
    "corrective_actions_due": _("corrective actions that are due"),
}

CONDITIONS = {
    "always": _("always applies"),
    "in_use": _("in pilot or production"),
    "generative": _("generates content"),
    "agentic": _("acts through tools on its own"),
    "third_party": _("has a vendor's or open-source part"),
    "pretrained_model": _("builds on a pre-trained model"),
    "personal_data": _("processes personal data"),
    "affects_people": _("output is used in decisions about people"),
    "interacts_with_people": _("people interact with it directly"),
    "human_subjects": _("an evaluation involves people as subjects or judges"),
    "high_tier": _("risk tier high or critical"),
    "retired_exists": _("a system is retired or about to be"),
    "incident_exists": _("an incident is recorded"),
    "eu_scope": _("in scope of the EU AI Act"),
    "eu_high_risk": _("high-risk under the EU AI Act"),
    "eu_high_risk_provider": _("high-risk under the EU AI Act, as provider"),
    "eu_high_risk_deployer": _("high-risk under the EU AI Act, as deployer"),
    "eu_fria_deployer": _("a deployer that owes a fundamental rights assessment"),
    "eu_annex_iii_claimed_exempt": _("in an area of Annex III but judged not high-risk"),
    "gpai_provider": _("the organisation provides a general-purpose model"),
    "gpai_systemic": _("a general-purpose model with systemic risk"),
    "eu_transparency": _("owes notices or marking under the EU AI Act"),
    "biometric_identification": _("identifies people remotely by biometrics"),
    "no_training": _("not built by training a model with data"),
    "workplace_use": _("used on or by workers"),
    "public_authority": _("deployed by or for a public authority"),
    "customer_supply": _("supplied to customers or downstream deployers"),
    "open_source_component": _("has an open-source part"),
}
