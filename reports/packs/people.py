"""Names that stand in place of people's, the same within one pack and in no other; the map stays with the registry."""

import hashlib
import hmac
import re
from functools import cached_property
from typing import Any

from registry.models import User
from reports.models import Pack


class People:
    """How a pack tells of people: by their names, or by `person-` and 12 hex digits of a keyed hash of their id."""

    def __init__(self, pack: Pack) -> None:
        self.are_shown = pack.shows_people
        self.key = bytes.fromhex(pack.salt)

    def called(self, pk: Any) -> str:
        """What one person is called in the pack."""
        return f"person-{hmac.new(self.key, str(pk).encode(), hashlib.sha256).hexdigest()[:12]}"

    @cached_property
    def known(self) -> dict[str, str]:
        """What stands for each id, name and address, in lower case."""
        found: dict[str, str] = {}
        for pk, name, email in User.objects.values_list("pk", "name", "email"):
            found |= {said.casefold(): self.called(pk) for said in (str(pk), name, email) if said.strip()}
        return found

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Every id, name and address, the longest first; a Latin name only as whole words."""
        said = sorted(self.known, key=len, reverse=True)
        parts = [rf"(?<!\w){re.escape(one)}(?!\w)" if one.isascii() else re.escape(one) for one in said]
        return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)

    def said(self, value: Any) -> Any:
        """The value as the pack tells it: texts at any depth without the people in them, where they are not shown."""
        if self.are_shown:
            return value
        if isinstance(value, str):
            return self.pattern.sub(lambda found: self.known.get(found[0].casefold(), "person"), value)
        if isinstance(value, dict):
            return {key: self.said(inner) for key, inner in value.items()}
        return [self.said(inner) for inner in value] if isinstance(value, list) else value
