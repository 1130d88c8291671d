"""REST over the log: its entries, proofs about them, its newest checkpoint, and this installation as a witness."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import access, problems
from registry.audit import checkpoints, merkle, proofs, witness
from registry.audit.keys import log_key
from registry.audit.notes import LONGEST
from registry.models import AuditCheckpoint, AuditEntry
from registry.rest import ScopedViewSet, Strict

READ, WITNESS = "audit:read", "log:witness"
LARGEST = 2**53 - 1  # what JSON carries exactly


class EntrySerializer(serializers.ModelSerializer):
    """An entry of the log, without its erasable body."""

    hash = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = ("seq", "ts_utc", "actor", "action", "object_type", "object_id", "object_rev", "hash")
        read_only_fields = fields

    def get_hash(self, entry: AuditEntry) -> str:
        """The chained hash in hex."""
        return bytes(entry.entry_hash).hex()


class HashesField(serializers.ListField):
    """Hashes of the tree in hex, the one nearest to the leaves first."""

    child = serializers.RegexField(r"^[0-9a-f]{64}$")


class CheckpointSerializer(serializers.Serializer):
    """The newest signed note on the log, and the key by which it is checked."""

    origin = serializers.CharField()
    size = serializers.IntegerField()
    root_hash = serializers.CharField(help_text="The root of the tree over the first `size` entries, in hex.")
    made_at = serializers.DateTimeField()
    note = serializers.CharField(help_text="The C2SP signed note, byte for byte.")
    key = serializers.CharField(help_text="The verifier key, as C2SP signed-note writes it.")


class InclusionSerializer(serializers.Serializer):
    """That the log of `size` entries holds an entry: RFC 6962 section 2.1.1, the leaf being SHA-256(0x00 ‖ header)."""

    entry = serializers.IntegerField(help_text="The entry's number, counted from 1; RFC 6962 counts from 0.")
    size = serializers.IntegerField()
    header = serializers.CharField(help_text="The exact text that is hashed.")
    leaf_hash = serializers.CharField()
    path = HashesField()
    note = serializers.CharField(help_text="The checkpoint of that size; empty where none was made.")


class ConsistencySerializer(serializers.Serializer):
    """That the log of `to` entries begins with that of `from`: RFC 6962 section 2.1.2."""

    path = HashesField()
    note = serializers.CharField(help_text="The checkpoint of the later size; empty where none was made.")

    def get_fields(self) -> dict[str, Any]:
        """With the two sizes, of which one is called as a word of the language is."""
        return {"from": serializers.IntegerField(), "to": serializers.IntegerField(), **super().get_fields()}


class SizesQuery(Strict):
    """Which sizes of the log a proof is between; without them, up to the newest checkpoint."""

    size = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    to = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)

    def get_fields(self) -> dict[str, Any]:
        """With the size that is called as a word of the language is."""
        return {
            "from": serializers.IntegerField(min_value=0, max_value=LARGEST, required=False),
            **super().get_fields(),
        }


class NotePayload(Strict):
    """A note of another log, with the proof that it continues the last one that was seen here."""

    note = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    old_size = serializers.IntegerField(min_value=0, max_value=LARGEST)
    proof = serializers.ListField(child=serializers.RegexField(r"^[0-9a-f]{64}$"), max_length=witness.MOST_STEPS)


class WitnessedSerializer(serializers.Serializer):
    """The witness's signature, to stand under the note."""

    size = serializers.IntegerField()
    cosignature = serializers.CharField()


class ConflictSerializer(serializers.Serializer):
    """Why a note was refused; `size` is that of the last note seen, from which a proof must begin."""

    type = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    size = serializers.IntegerField()


def size_parameter(name: str, says: str, *, required: bool = False) -> OpenApiParameter:
    """A size in the address, for the schema."""
    return OpenApiParameter(name, int, description=says, required=required)


class AuditViewSet(ScopedViewSet):
    """The log of the units whose log the person may read, newest first, and what proves things about it.

    A witness's token has a scope of its own: it lies on a machine of somebody else and must open nothing but this.
    """

    queryset = AuditEntry.objects.order_by("-seq")
    serializer_class = EntrySerializer
    scopes = {"GET": READ, "POST": WITNESS}

    def get_queryset(self) -> Any:
        """Closed, not empty, to whoever holds no duty that reads a log."""
        if not getattr(self, "swagger_fake_view", False) and not access.may_anywhere(
            self.request.user, access.AUDIT_VIEW
        ):
            raise Http404
        return super().get_queryset()

    @extend_schema(responses=CheckpointSerializer)
    @action(detail=False, methods=["get"], pagination_class=None)
    def checkpoint(self, request: Request) -> Response:
        """The newest checkpoint."""
        access.require_anywhere(request.user, access.AUDIT_VERIFY)
        row, key = newest_or_none(), log_key().verifier
        return Response({
            "origin": key.name, "size": row.size, "root_hash": bytes(row.root).hex(), "made_at": row.made_at,
            "note": row.note, "key": str(key),
        })  # fmt: skip

    @extend_schema(
        parameters=[size_parameter("size", "The size of the log; that of the newest checkpoint when left out.")],
        responses=InclusionSerializer,
    )
    @action(detail=True, methods=["get"])
    def inclusion(self, request: Request, pk: str) -> Response:
        """The proof that the log holds this entry."""
        entry, size = self.get_object(), sizes(request, "size").get("size") or newest_or_none().size
        if size < entry.seq:
            raise exceptions.NotFound(_("No checkpoint holds entry %d yet; one is made within a minute.") % entry.seq)
        header = bytes(entry.header)
        return Response({
            "entry": entry.seq, "size": size, "header": header.decode(), "leaf_hash": merkle.leaf(header).hex(),
            "path": in_hex(proofs.inclusion(entry.seq, size)), "note": note_of(size),
        })  # fmt: skip

    @extend_schema(
        parameters=[
            size_parameter("from", "The earlier size, that of a note you kept.", required=True),
            size_parameter("to", "The later size; that of the newest checkpoint when left out."),
        ],
        responses=ConsistencySerializer,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def consistency(self, request: Request) -> Response:
        """The proof that the log only grew from one size to another."""
        access.require_anywhere(request.user, access.AUDIT_VERIFY)
        asked = sizes(request, "from", "to")
        if "from" not in asked:
            raise serializers.ValidationError({"from": [_("Name the size of the note that you kept.")]})
        old, new = asked["from"], asked.get("to") or newest_or_none().size
        return Response({"from": old, "to": new, "path": in_hex(proofs.consistency(old, new)), "note": note_of(new)})

    @extend_schema(request=NotePayload, responses={200: WitnessedSerializer, 409: ConflictSerializer})
    @action(detail=False, methods=["post"], pagination_class=None)
    def witness(self, request: Request) -> Response:
        """Take a note of another installation's log when it continues the last one; refuse it with 409 when not."""
        access.require_anywhere(request.user, access.LOG_WITNESS)
        given = self.payload(NotePayload)
        try:
            seen = witness.witness(
                given["note"], old_size=given["old_size"], proof=[bytes.fromhex(step) for step in given["proof"]]
            )
        except witness.Inconsistent as refusal:
            answer = problems.document(409, str(refusal), {})
            answer.data["size"] = refusal.size
            return answer
        return Response({"size": seen.size, "cosignature": seen.cosignature})


def newest_or_none() -> AuditCheckpoint:
    """The newest checkpoint, or 404 with the sentence that there is none."""
    row = checkpoints.newest()
    if row is None:
        raise exceptions.NotFound(
            _("There is no checkpoint yet. The worker makes one every minute while the log grows.")
        )
    return row


def note_of(size: int) -> str:
    """The checkpoint of exactly this size, or an empty string."""
    return AuditCheckpoint.objects.filter(pk=size).values_list("note", flat=True).first() or ""


def sizes(request: Request, *names: str) -> dict[str, int]:
    """The sizes in the address, checked; what is not asked for here is not looked at."""
    checked = SizesQuery(data={name: request.query_params[name] for name in names if name in request.query_params})
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def in_hex(path: list[bytes]) -> list[str]:
    """Hashes as text."""
    return [step.hex() for step in path]
