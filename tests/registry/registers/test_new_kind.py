"""A new kind is one entry of the file; what cannot be used is refused by file, kind, field and reason."""

import copy

import pytest
import yaml
from django.test import Client

from registry.actions import register_approval as approval
from registry.errors import BadInput
from registry.models import Duty, RegisterEntry
from registry.registers import installing, kind_named, kinds
from registry.registers.reading import FILE, read
from tests import factories
from tests.registry.registers import samples

SOURCE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
NEW = {
    "group": "law", "title": "Licences of prompts", "one": "Licence", "what": "Who may use which prompt.",
    "about": ["unit", "system"], "statuses": {"draft": "Draft", "approved": "In force", "retired": "Ended"},
    "approve": {"duties": ["legal_compliance"]}, "due": {"name": "expires_on", "label": "Ends"},
    "fields": {"holder": {"type": "line", "label": "Holder", "required": True},
               "sort": {"type": "choice", "label": "Sort", "choices": {"open": "Open", "bought": "Bought"}}},
}  # fmt: skip


def written_to(path, changes=None, **more):
    """A file with one more kind, or with a change."""
    raw = copy.deepcopy(SOURCE)
    raw["kinds"]["prompt_licence"] = {**copy.deepcopy(NEW), **more}
    if changes:
        changes(raw)
    (path / "registers.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path / "registers.yaml"


@pytest.fixture
def installed(tmp_path):
    """The kinds of the changed file in place, and those of this installation again afterwards."""
    installing.install(written_to(tmp_path))
    yield kind_named("prompt_licence")
    installing.install()
    assert "prompt_licence" not in kinds()


def test_one_entry_of_the_file_gives_list_form_verbs_and_export(installed, cast):
    legal = factories.invite("legal", "Lea Legal", Duty.LEGAL_COMPLIANCE, cast.unit, cast.administrator)
    client = Client()
    client.force_login(cast.owner)
    assert "Licences of prompts" in client.get("/registers/").content.decode()
    assert "Nothing in this register yet" in client.get("/registers/prompt_licence/").content.decode()
    answer = client.post("/registers/prompt_licence/new/", samples.typed(installed, cast, cast.unit))
    assert answer.status_code == 302, answer.context["form"].errors
    row = RegisterEntry.objects.get(kind="prompt_licence")
    assert answer["Location"] == row.get_absolute_url()
    assert client.post(f"/entries/{row.pk}/submit/").status_code == 302
    approval.approve_entry(row, reason="Its terms are ours to give.", actor=legal)
    page = client.get(f"/registers/prompt_licence/?status=approved&sort={row.fields['sort']}").content.decode()
    assert row.title in page and "In force" in page
    told = b"".join(client.get("/lists/prompt_licence/csv/").streaming_content).decode()
    assert "holder" in told and row.title in told
    assert client.get("/imports/new/prompt_licence/").status_code == 200


def field(**changes):
    """One more field."""
    return {"fields": {**NEW["fields"], "extra": {"type": "line", "label": "Extra", **changes}}}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"colour": "red"}, "“colour” is no key of a kind"),
        ({"group": "nowhere"}, "group: “nowhere” is none of the groups"),
        ({"about": ["moon"]}, "about: “moon” is nothing that an entry can be about"),
        ({"view": "moon.view"}, "view: “moon.view” is no right"),
        (field(type="colour"), "extra: “colour” is no type"),
        (field(type="choice"), "extra: a choice needs its values"),
        (field(type="row", of="nothing"), "extra: “nothing” is neither a kind nor a table"),
        (field(colour="red"), "prompt_licence: .*colour"),
        ({"fields": {"owner": {"type": "line", "label": "Owner"}}}, "owner: every entry has a column of this name"),
        ({"named_by": ["nothing"]}, "named_by: there is no field “nothing”"),
        ({"approve": {"duties": ["auditor"]}}, "approve: the duty “auditor” gives no right"),
        ({"statuses": {"draft": "Draft"}}, "approve: it needs the status approved"),
        ({"approve": None}, "prompt_licence"),
        ({"due": {"day": "x"}}, "prompt_licence"),
    ],
)  # fmt: skip
def test_a_kind_that_cannot_be_used_is_refused_with_file_kind_field_and_reason(tmp_path, more, said):
    with pytest.raises(
        BadInput, match=rf"registers.yaml, prompt_licence.*{said.removeprefix('prompt_licence')}|{said}"
    ):
        read(written_to(tmp_path, **more))


def test_a_typed_approval_is_refused(tmp_path):
    """A file cannot let people type “approved” either."""

    def without_approval(raw):
        del raw["kinds"]["prompt_licence"]["approve"]

    with pytest.raises(BadInput, match="nobody types “approved”"):
        read(written_to(tmp_path, without_approval))


def test_a_move_to_a_status_that_there_is_not_is_refused(tmp_path):
    def astray(raw):
        raw["kinds"]["goal"]["moves"]["reach"]["to"] = "moon"

    with pytest.raises(BadInput, match=r"registers.yaml, goal, moves, reach: “moon” is none of its statuses"):
        read(written_to(tmp_path, astray))


def test_a_kind_of_the_vocabulary_that_leaves_a_field_or_value_out_is_refused(tmp_path):
    def without_findings(raw):
        del raw["kinds"]["exercise"]["fields"]["findings"]

    def without_game_day(raw):
        del raw["kinds"]["exercise"]["fields"]["exercise_type"]["choices"]["game_day"]

    with pytest.raises(BadInput, match=r"registers.yaml, exercise, findings: the vocabulary"):
        read(written_to(tmp_path, without_findings))
    with pytest.raises(BadInput, match=r"registers.yaml, exercise, exercise_type: its values must be those"):
        read(written_to(tmp_path, without_game_day))
