"""Whoever heads AI reads reports on output, and what is to change is on record, bound to the files that were read."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from registry import blobs, jobs
from registry.actions import registers
from registry.errors import BadInput, NotAllowed
from registry.models import Duty
from registry.registers import kind_named
from reports import actions, printing
from reports.models import BoardPack
from tests import factories

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a board pack for tests"


@pytest.fixture
def head(cast):
    """Whoever heads AI in the unit."""
    return factories.invite("head", "Hana Head", Duty.EXECUTIVE, cast.unit, cast.administrator)


@pytest.fixture
def document(cast, head):
    """A board pack with incidents, figures and fairness of a unit, built as a worker builds it."""
    row = jobs.claim(BoardPack, actions.request_board_pack(cast.unit, actor=cast.risk_officer).pk)
    with transaction.atomic():
        row.blob, row.data = blobs.store(PDF, "application/pdf"), blobs.store(b"{}", "application/json")
        row.as_of, row.code = timezone.now(), printing.verification_code(PDF)
        jobs.finish(row)
    return row


def day(days):
    """A day so many days from now."""
    return timezone.localdate() + timedelta(days=days)


def reviewed(cast, head, document, *, due=90, changes=()):
    """A review that says what was read and what follows."""
    fields = {
        "held_on": day(0).isoformat(), "board_packs": [str(document.pk)], "looked_at": ["incidents", "fairness"],
        "findings": "Two groups are refused more often than a year ago.",
        "decisions": "The threshold of the lending model is set anew.", "changes": [str(row.pk) for row in changes],
    }  # fmt: skip
    return registers.add_entry(
        cast.unit,
        kind=kind_named("output_review"),
        fields=fields,
        actor=head,
        title="Output of the quarter",
        due_on=day(due),
    )


def task(cast, *, due):
    """What is to change, with an owner and a date."""
    return registers.add_entry(
        cast.unit, kind=kind_named("corrective_action"), actor=cast.risk_officer, title="Set the threshold anew",
        fields={"source": "review", "action": "Choose it on the newest labels."}, owner=cast.owner, due_on=day(due),
    )  # fmt: skip


def concluded(row, head):
    """The review, concluded by whoever heads AI."""
    registers.move_entry(row, move="conclude", reason="Read, discussed and decided.", actor=head)
    row.refresh_from_db()
    return row


def test_whoever_heads_ai_reads_reports_on_output_and_records_what_is_to_change(client, cast, head, document):
    """S-039: the review is bound to the exact file that was opened; what is to change has an owner and a date."""
    client.force_login(head)
    assert client.get(reverse("board-pack-file", args=[document.pk])).status_code == 200
    change = task(cast, due=30)
    row = concluded(reviewed(cast, head, document, changes=[change]), head)
    assert row.fields["bound"] == [f"Board pack – {cast.unit} – {document.code} – {document.blob.digest}"]
    page = client.get(reverse("board-risk") + f"?unit={cast.unit.pk}").content.decode()
    assert row.title in page and change.title in page and str(change.owner) in page
    assert "Overdue" not in page
    assert document.blob.sha256 in client.get(row.get_absolute_url()).content.decode()


def test_a_review_of_what_was_not_opened_is_not_concluded(cast, head, document):
    """S-039: that a report was read is taken from the log, not from the form."""
    with pytest.raises(BadInput, match="not opened this document yet"):
        concluded(reviewed(cast, head, document), head)


def test_a_review_names_what_was_read(cast, head, document):
    row = reviewed(cast, head, document)
    registers.edit_entry(
        row, fields={key: value for key, value in row.fields.items() if key != "board_packs"}, actor=head, title=row.title,
        due_on=row.due_on,
    )  # fmt: skip
    with pytest.raises(BadInput, match="at least one report"):
        concluded(row, head)


def test_only_an_executive_concludes_it(cast, head, document):
    """S-039: it is the reading of whoever heads AI, nobody else's."""
    with pytest.raises(NotAllowed, match="An executive of"):
        concluded(reviewed(cast, head, document), cast.risk_officer)


def test_what_was_concluded_stays_as_it_is(cast, head, document):
    actions.note_download(document, actor=head)
    row = concluded(reviewed(cast, head, document), head)
    fields = {name: value for name, value in row.fields.items() if not row.of.fields[name].stamped}
    with pytest.raises(NotAllowed, match="stays as it is"):
        registers.edit_entry(row, fields=fields, actor=head, title=row.title, due_on=row.due_on)


@pytest.mark.parametrize(("review", "change"), [(-1, 30), (90, -1)])
def test_a_review_or_a_change_that_is_overdue_is_flagged_on_the_page_of_the_board(
    client, cast, head, document, review, change
):
    """S-039: as well when the next review has not come as when what was to change has not."""
    actions.note_download(document, actor=head)
    concluded(reviewed(cast, head, document, due=review, changes=[task(cast, due=change)]), head)
    client.force_login(head)
    assert "Overdue" in client.get(reverse("board-risk") + f"?unit={cast.unit.pk}").content.decode()
