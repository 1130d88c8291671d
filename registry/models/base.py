"""What every governed row shares: an id, a revision, a snapshot for the log, and a QuerySet that cannot bypass it."""

import uuid
from typing import Any, ClassVar, Self

from django.db import models


class BypassRefused(RuntimeError):
    """Code tried to change audited rows without the log: a defect of the program, never of its user."""


class AuditedQuerySet(models.QuerySet):
    """Reads freely; refuses every write that would not pass through an action and the log."""

    def update(self, **kwargs: Any) -> int:
        raise BypassRefused(f"{self.model.__name__}: change rows by an action, not by update().")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise BypassRefused(f"{self.model.__name__}: rows are retired or withdrawn, never deleted.")

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        raise BypassRefused(f"{self.model.__name__}: create rows by an action, not by bulk_create().")

    def bulk_update(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        raise BypassRefused(f"{self.model.__name__}: change rows by an action, not by bulk_update().")

    def unlogged_update(self, **values: Any) -> int:
        """An update of columns that are no part of the snapshot (leases, progress); anything else is refused."""
        audited = set(values) - getattr(self.model, "unaudited", frozenset())
        if audited:
            raise BypassRefused(f"{self.model.__name__}: {', '.join(sorted(audited))} belong to the log.")
        return super().update(**values)

    def visible_to(self, user: Any) -> Self:
        """The rows that this person may see; an app's QuerySet overrides it, and nobody sees anything by default."""
        return self.none()


class Audited(models.Model):
    """A governed row. `unaudited` names the columns that are working state and stay out of snapshot and log."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    unaudited: ClassVar[frozenset[str]] = frozenset()
    objects = AuditedQuerySet.as_manager()

    class Meta:
        abstract = True

    def snapshot(self) -> dict[str, Any]:
        """Every audited column by its field name, foreign keys as ids, many-to-many as sorted ids."""
        links = {
            field.name: sorted(str(pk) for pk in getattr(self, field.name).values_list("pk", flat=True))
            for field in self._meta.many_to_many
        }
        return self.own_columns() | links

    def own_columns(self) -> dict[str, Any]:
        """The part of the snapshot that lies in the row itself."""
        return {
            field.name: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.name not in self.unaudited
        }

    @property
    def task_label(self) -> str:
        """What a task about it is called. It is kept and read in any language, so it holds no words of one."""
        return str(self)

    @property
    def type_label(self) -> str:
        """`app.Model`, as the log names the type of an object."""
        return self._meta.label
