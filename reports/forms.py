"""Forms of reports and packs, of a framework's scope and of a verification code."""

from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, offer, units_where
from registry.models import AISystem, ModelVersion, User
from reports.catalogue import BOARD_PACK, ON_UNITS, ON_VERSIONS
from reports.letterhead import MOST_BYTES
from reports.models import BoardPack, ReportSchedule

# A choice longer than this is no choice; an older version is asked for on its own page.
OFFERED: Final = 200


class PackForm(ActForm):
    """An evidence pack of a version."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("language", get_language() or settings.LANGUAGE_CODE)


class BoardPackForm(PackForm):
    """The board pack of a unit."""

    unit = forms.ModelChoiceField(
        None, label=_("Unit"), help_text=_("It tells of this unit and of all units below it.")
    )

    field_order = ("unit", "kind", "language")
    needs: ClassVar[tuple[str, ...]] = (access.REPORT_GENERATE,)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = units_where(person, access.REPORT_GENERATE)
        asked = [
            row.pk for row in rows
            if all(access.allowed(person, action, BoardPack(of_unit=row)) for action in self.needs)
        ]  # fmt: skip
        self.has_units = bool(asked)
        offer(self.fields["unit"], rows.filter(pk__in=asked))


class UnitReportForm(BoardPackForm):
    """A report on a unit, by who may read what it rests on."""

    kind = forms.ChoiceField(label=_("Report"), choices=[(kind, one.title) for kind, one in ON_UNITS.items()])

    needs = (access.REPORT_GENERATE, access.INCIDENT_VIEW)


class ReportForm(PackForm):
    """A report on a version."""

    kind = forms.ChoiceField(label=_("Report"), choices=[(kind, report.title) for kind, report in ON_VERSIONS.items()])

    field_order = ("version", "kind", "language")


class ReportOnForm(ReportForm):
    """A report on a version that is chosen in the form."""

    version = forms.ChoiceField(
        label=_("Version"), help_text=_("The newest of those you may see; for an older one use its own page.")
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        rows = ModelVersion.objects.visible_to(person).select_related("model__system").order_by("-created_at")
        choices = [(str(row.pk), f"{row} – {row.model.system}") for row in rows[:OFFERED]]
        self.fields["version"].choices = [("", _("Choose a version")), *choices]

    def clean_version(self) -> ModelVersion:
        """The version, fetched again as this person may see it."""
        rows = ModelVersion.objects.visible_to(self.person).select_related("model__system__unit")
        found = rows.filter(pk=UUID(self.cleaned_data["version"])).first()
        if found is None:
            raise forms.ValidationError(_("This version is not there any more."))
        return found


class ScopeForm(forms.Form):
    """One system, one unit with all below it, or everything as far as the reader may see it; today, or a past day."""

    system = forms.ModelChoiceField(
        None, label=_("System"), required=False, empty_label=_("Everything you may see"),
        error_messages={"invalid_choice": _("There is no such system, or it belongs to a unit in which you hold no role.")},
    )  # fmt: skip
    unit = forms.ModelChoiceField(
        None, label=_("Unit"), required=False, empty_label=_("Every unit"),
        error_messages={"invalid_choice": _("There is no such unit, or you hold no role in it.")},
    )  # fmt: skip
    day = forms.DateField(label=_("On the day"), required=False, widget=DayInput)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].queryset = AISystem.objects.visible_to(person).order_by("name")
        self.fields["unit"].queryset = units_where(person, access.MODEL_VIEW)

    def clean_day(self) -> date | None:
        """A past day; today is the same as none."""
        day, today = self.cleaned_data["day"], timezone.now().date()
        if day and day > today:
            raise forms.ValidationError(
                _("What will be true on a day to come is not known. Name today or an earlier day.")
            )
        return None if day == today else day

    def clean(self) -> dict[str, Any]:
        """A system lies in one unit already."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("system") and found.get("unit"):
            self.add_error("unit", _("Name a system or a unit, not both."))
        return found


class CodeForm(forms.Form):
    """A verification code, however it was typed."""

    code = forms.RegexField(
        r"^[0-9A-F]{4}(-[0-9A-F]{4}){3}$",
        label=_("Verification code"),
        help_text=_("Sixteen digits or letters from A to F, as they stand at the foot of each page of the report."),
        error_messages={"invalid": _("A code is sixteen digits or letters from A to F, such as 0A1B-2C3D-4E5F-6789.")},
        max_length=40,
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        given = None if data is None else {"code": written(data.get("code", ""))}
        super().__init__(given, **kwargs)


def written(code: str) -> str:
    """A code in capitals in groups of four, whatever stood between them; anything else as it came."""
    digits = "".join(code.split()).replace("-", "").upper()
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4)) if len(digits) == 16 else code


class DigestForm(forms.Form):
    """The SHA-256 of a file that somebody has in hand."""

    sha256 = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label=_("SHA-256 of your file"),
        help_text=_("As `sha256sum FILE` prints it. A browser that can, computes it here; the file stays with you."),
        error_messages={"invalid": _("A SHA-256 is 64 digits or letters from a to f.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        max_length=80,
    )

    def __init__(self, data: Any = None) -> None:
        given = None if data is None else {"sha256": data["sha256"].strip().lower().removeprefix("sha256:")}
        super().__init__(given)


class ScheduleForm(PackForm):
    """A report on a system, or the board pack of a unit, at a cadence."""

    about = forms.ChoiceField(label=_("About"))
    kind = forms.ChoiceField(label=_("Report"))
    cadence = forms.ChoiceField(label=_("How often"), choices=ReportSchedule.Cadence, initial="quarterly")
    begins_on = forms.DateField(
        label=_("First on"), initial=timezone.localdate, widget=DayInput(),
        help_text=_("Made that night, and again after the months that you choose. You are told by mail, with a link."),
    )  # fmt: skip

    field_order = ("about", "kind", "cadence", "begins_on", "language")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = units_where(person, access.REPORT_GENERATE)
        self.units = {
            f"unit:{row.pk}": row
            for row in units
            if access.allowed(person, access.REPORT_GENERATE, BoardPack(of_unit=row))
        }
        systems = AISystem.objects.visible_to(person).select_related("unit").order_by("name")[:OFFERED]
        self.systems = {
            f"system:{row.pk}": row for row in systems if access.allowed(person, access.REPORT_GENERATE, row)
        }
        self.fields["about"].choices = [
            ("", _("Choose what it is about")),
            *((key, str(row)) for key, row in self.systems.items()),
            *((key, _("Unit: %s") % row) for key, row in self.units.items()),
        ]
        kinds = [(kind, report.title) for kind, report in (ON_VERSIONS | ON_UNITS).items()]
        self.fields["kind"].choices = [*kinds, (BOARD_PACK.kind, _("Board pack (of a unit)"))]

    def clean_about(self) -> Any:
        """The system or the unit."""
        return {**self.systems, **self.units}[self.cleaned_data["about"]]


class LetterheadForm(ActForm):
    """How documents of the organisation look."""

    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG or JPEG up to 2 MB. It is drawn anew; empty keeps the one there is."),
    )
    keeps_logo = forms.BooleanField(label=_("Keep the logo there is"), required=False, initial=True)
    colour = forms.CharField(
        label=_("Colour of headings"), initial="#1e40af", max_length=7, widget=forms.TextInput(attrs={"type": "color"})
    )
    cover_text = forms.CharField(
        label=_("Words on the cover"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def clean_logo(self) -> bytes | None:
        """The bytes, no more than are read."""
        given = self.cleaned_data["logo"]
        return given.read(MOST_BYTES + 1) if given else None
