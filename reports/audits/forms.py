"""The forms of an auditor's desk: a request, a note, a finding, a sample, an answer, a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, offer
from registry.models import AISystem, User
from reports.audits.actions import own_engagements
from reports.audits.sampling import LARGEST, POPULATIONS
from reports.framework_files import SLUGS, load
from reports.models import DeskItem

AREA = forms.Textarea(attrs={"rows": 4})


class DeskForm(ActForm):
    """What every item begins with."""

    engagement = forms.ModelChoiceField(None, label=_("Audit engagement"))
    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(label=_("Text"), required=False, widget=AREA)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        offer(self.fields["engagement"], own_engagements(person))


class DeskNoteForm(DeskForm):
    """A note, beside a system and a requirement where it is about one."""

    system = forms.ModelChoiceField(None, label=_("System"), required=False)
    framework = forms.ChoiceField(label=_("Framework"), required=False)
    requirement = forms.CharField(
        label=_("Requirement"),
        required=False,
        max_length=40,
        help_text=_("As the framework names it, such as GOVERN 1.1."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].queryset = AISystem.objects.visible_to(self.person).filter(
            access.reach(self.person, access.DESK_WRITE, unit="unit", system="pk")
        )
        self.fields["framework"].choices = [("", "---------"), *((slug, load(slug).name) for slug in SLUGS)]


class FollowedForm(DeskNoteForm):
    """A request or a finding: somebody answers until a day."""

    owner = forms.ModelChoiceField(None, label=_("Who answers"))
    due_on = forms.DateField(label=_("Until"), widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(self.person).exclude(pk=self.person.pk)


class SampleForm(DeskForm):
    """What to draw from, how many, by which seed."""

    population = forms.ChoiceField(
        label=_("Draw from"), choices=[(slug, found.label) for slug, found in POPULATIONS.items()]
    )
    size = forms.IntegerField(label=_("How many"), min_value=1, max_value=LARGEST)
    seed = forms.CharField(
        label=_("Seed"), max_length=60, help_text=_("Any text, chosen before you know what it draws; it is recorded.")
    )


class AnswerForm(ActForm):
    """An answer."""

    answer = forms.CharField(label=_("Answer"), widget=AREA, help_text=_("What is so, and where the evidence lies."))


class FileForm(ActForm):
    """A file of evidence."""

    file = forms.FileField(label=_("File"))


FORMS: dict[str, type[DeskForm]] = {
    DeskItem.Kind.REQUEST: FollowedForm,
    DeskItem.Kind.FINDING: FollowedForm,
    DeskItem.Kind.NOTE: DeskNoteForm,
    DeskItem.Kind.SAMPLE: SampleForm,
}
