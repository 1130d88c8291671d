"""A second evaluator, written from the text of evidence_vocabulary.yaml alone: plain dicts, no code of the first.

A world is {"rows": {name: [row]}, "people": …}. A row is a dict of kind, id, subjects (a set of pairs), basis and what
its kind has: fields; or check, outcome, ended, ci, groups, question, valid_until; or outcome, ended, approvers, steps;
or role, signed, file. Populations are {name: [(kind, id, tier, systems)]}, conditions {(name, system): bool}.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from registry import vocabulary as place

WORDS = yaml.safe_load((Path(place.__file__).parent / "data" / "evidence_vocabulary.yaml").read_text("utf-8"))
ORDER = [name for name in WORDS["basis"] if name != "produced_entities"]
NOT_EVENTS = {"review_due", "valid_until", "expires_on", "next_due", "due_on", "retire_on", "retirement_date",
              "retention_until", "deadline", "ends_on"}  # fmt: skip
DUE = ("review_due", "valid_until", "expires_on", "next_due")
COMPANY = ("organisation", "")
OWN_ONLY = {"policy_document", "risk_appetite", "management_review", "organisation_profile", "role_assignment"}


def requirements(raw: Any) -> list[dict[str, Any]]:
    """Everything in a framework file that carries evidence, in its order."""
    if isinstance(raw, list):
        return [found for one in raw for found in requirements(one)]
    if not isinstance(raw, dict):
        return []
    if "evidence" in raw:
        return [raw]
    return [found for value in raw.values() for found in requirements(value)]


class Reader:
    """One world, as of one day."""

    def __init__(self, world: dict[str, Any], today: datetime, system: str | None) -> None:
        self.world, self.today, self.system = world, today, system

    def status(self, requirement: dict[str, Any]) -> str:
        """met, partly, not_met or not_applicable."""
        if not self.holds(requirement["applies_when"], self.system):
            return "not_applicable"
        found = [(item["weight"], *self.item(item, requirement)) for item in requirement["evidence"]]
        needed = [result for weight, result, _ in found if weight == "required" and result != "not_applicable"]
        if not needed:
            return "not_applicable"
        if all(result == "pass" for result in needed):
            return "met"
        seen = any(result == "pass" or (result == "partial" and stored) for _, result, stored in found)
        return "partly" if seen else "not_met"

    def holds(self, name: str, system: str | None) -> bool:
        return bool(self.world["conditions"][(name, system)])

    def item(self, item: dict[str, Any], requirement: dict[str, Any]) -> tuple[str, bool]:
        """The result of an item over its population, and whether a stored row stands behind it."""
        members = self.members(item, requirement)
        results = [self.one(item, member) for member in members]
        asked = [(result, stored) for result, stored in results if result != "not_applicable"]
        if not asked:
            return "not_applicable", False
        passed = sum(result == "pass" for result, _ in asked)
        if passed >= item.get("at_least", 1.0) * len(asked):
            return "pass", True
        touched = [stored for result, stored in asked if result in ("pass", "partial")]
        return ("partial", any(touched)) if touched else ("fail", False)

    def members(self, item: dict[str, Any], requirement: dict[str, Any]) -> list[Any]:
        """Those of the population, cut down to the system of the report and to those for which conditions hold."""
        own = [item["applies_when"]] if "applies_when" in item else []
        if self.system is not None:
            if not all(self.holds(name, self.system) for name in own):
                return []
            return [one for one in self.world["populations"][item["for"]] if self.belongs(one)]
        name = "systems_in_use" if item["for"] == "self" else item["for"]
        if item["for"] == "self":
            own.append(requirement["applies_when"])
        found = self.world["populations"][name]
        return [
            one for one in found if all(self.holds(each, one[1] if one[0] == "system" else None) for each in own)
        ]  # fmt: skip

    def belongs(self, member: Any) -> bool:
        return member[0] == "organisation" or self.system in member[3]

    def rows(self, names: list[str], member: Any, kind: str) -> list[dict[str, Any]]:
        """What is stored about a member. What happens in a part of the organisation happens in the organisation."""
        found = []
        for name in names:
            for row in self.world["rows"].get((kind, name), []):
                everything = member[:2] == COMPANY and kind in ("record", "workflow") and name not in OWN_ONLY
                if everything or member[:2] in row["subjects"] or member[:2] == (name, row["id"]):
                    found.append(row)
        return found

    def limit(self, item: dict[str, Any], member: Any) -> int | None:
        """The days that are allowed."""
        if "max_age" in item:
            tier = "high" if member[:2] == COMPANY else member[2] or "high"
            return int(WORDS["cadences"][item["max_age"]][tier])
        return item.get("max_age_days")

    def old(self, day: date | datetime, item: dict[str, Any], member: Any) -> bool:
        limit = self.limit(item, member)
        return limit is not None and (self.today.date() - plain(day)).days > limit

    def past(self, value: date | datetime) -> bool:
        return value <= self.today if isinstance(value, datetime) else value < self.today.date()

    def one(self, item: dict[str, Any], member: Any) -> tuple[str, bool]:
        """The result for one member."""
        return getattr(self, item["kind"])(item, member)

    # records

    def record(self, item: dict[str, Any], member: Any) -> tuple[str, bool]:
        asked = item.get("where") or {}
        rows = self.rows([item["entity"]], member, "record")
        rows = [row for row in rows if all(fits(row["fields"].get(key), value) for key, value in asked.items())]
        rows = [row for row in rows if self.happened(row, item["entity"])]
        if not rows:
            return item.get("if_none", "fail"), False
        good = [row for row in rows if self.counts(row, item, member)]
        number = len(good)
        if "distinct_on" in item:
            name = item["distinct_on"]
            values = {str(one) for row in good for one in many(row["fields"].get(name)) if one not in (None, "")
                      and (name not in asked or fits(one, asked[name]))}  # fmt: skip
            number = len(values)
        return ("pass" if number >= item.get("min_count", 1) else "partial"), True

    def counts(self, row: dict[str, Any], item: dict[str, Any], member: Any) -> bool:
        """Filled, not overdue and not too old."""
        said = row["fields"]
        if any(not self.filled(name, said.get(name)) for name in item["filled"]):
            return False
        due = [dated(name, said.get(name)) for name in DUE]
        if any(day is not None and self.past(day) for day in due):
            return False
        if self.limit(item, member) is None:
            return True
        newest = self.newest(said, item["filled"]) or self.newest(said, WORDS["entities"][item["entity"]]["fields"])
        return newest is not None and not self.old(newest, item, member)

    def filled(self, name: str, value: Any) -> bool:
        if value is None or (isinstance(value, str) and value.strip() == ""):
            return False
        if isinstance(value, list | tuple | dict | set | frozenset) and len(value) == 0:
            return False
        day = dated(name, value)
        return name in NOT_EVENTS or day is None or plain(day) <= self.today.date()

    def newest(self, said: dict[str, Any], names: Any) -> date | None:
        days = [day for day in events(said, names) if day <= self.today.date()]
        return max(days, default=None)

    def happened(self, row: dict[str, Any], entity: str) -> bool:
        """Something of it lies behind, or nothing of it has a date."""
        days = events(row["fields"], WORDS["entities"][entity]["fields"])
        return not days or min(days) <= self.today.date()

    # checks

    def check(self, item: dict[str, Any], member: Any) -> tuple[str, bool]:
        names = item.get("any_of") or [item["check"]]
        rows = [row for row in self.rows(names, member, "check") if plain(row["ended"]) <= self.today.date()]
        if not rows:
            return "fail", False
        chosen = rows
        if item["outcome"] == "pass":
            chosen = self.standing(rows)
        if not chosen:
            return "fail", True
        return ("pass" if any(self.sound(row, item, member) for row in chosen) else "partial"), True

    def standing(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Passes of checks of which the newest answer to every question is a pass, back to the first that was none."""
        asked: dict[Any, list[Any]] = {}
        for row in sorted(rows, key=lambda row: row["ended"], reverse=True):
            if row["outcome"] != "recorded":
                asked.setdefault((row["check"], row["about"], row["question"]), []).append(row)
        broken = {key[0] for key, runs in asked.items() if runs[0]["outcome"] != "pass"}
        found = []
        for key, runs in asked.items():
            if key[0] not in broken:
                for run in runs:
                    if run["outcome"] != "pass":
                        break
                    found.append(run)
        return found

    def sound(self, row: dict[str, Any], item: dict[str, Any], member: Any) -> bool:
        expired = row["valid_until"] is not None and self.past(row["valid_until"])
        lacks = (item.get("with_ci") and not row["ci"]) or (item.get("disaggregated") and not row["groups"])
        return not (self.old(row["ended"], item, member) or expired or lacks)

    # workflows and statements

    def workflow(self, item: dict[str, Any], member: Any) -> tuple[str, bool]:
        rows = [row for row in self.rows([item["workflow"]], member, "workflow")
                if plain(row["ended"]) <= self.today.date() and row["outcome"] == item["outcome"]]  # fmt: skip
        if not rows:
            return "fail", False
        lawful = [row for row in rows if self.people(row, item)]
        if not lawful:
            return "fail", True
        return ("pass" if any(not self.old(row["ended"], item, member) for row in lawful) else "partial"), True

    def people(self, row: dict[str, Any], item: dict[str, Any]) -> bool:
        """By the right people, by enough of them, and no two steps by one person."""
        roles = item.get("roles") or ()
        people = {person for person, role in row["approvers"] if not roles or role in roles}
        if (roles and not people) or len(people) < item.get("min_distinct_approvers", 0):
            return False
        steps = [set(row["steps"].get(step) or ()) for step in item.get("distinct_persons", ())]
        taken = [step for step in steps if step]
        if steps and len(taken) < 2:
            return False
        return sum(len(step) for step in taken) == len(set().union(*taken))

    def attestation(self, item: dict[str, Any], member: Any) -> tuple[str, bool]:
        rows = [row for row in self.rows([item["topic"]], member, "attestation")
                if plain(row["signed"]) <= self.today.date()]  # fmt: skip
        if not rows:
            return "fail", False
        in_role = [row for row in rows if row["role"] == item["role"]]
        if not in_role:
            return "fail", True
        sound = [row for row in in_role if not self.old(row["signed"], item, member)
                 and (row["file"] or not item.get("file_required"))]  # fmt: skip
        return ("pass" if sound else "partial"), True


def plain(day: date | datetime) -> date:
    return day.date() if isinstance(day, datetime) else day


def many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def fits(value: Any, wanted: Any) -> bool:
    """A value, one of several, or between bounds."""
    if isinstance(wanted, dict):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and wanted.get("gte", value) <= value <= wanted.get("lte", value)
    if isinstance(value, list | tuple | set | frozenset):
        return any(fits(one, wanted) for one in value)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    return value in wanted if isinstance(wanted, list) else value == wanted


def dated(name: str, value: Any) -> date | datetime | None:
    """A date, or the text of one in a field that is called like one."""
    if isinstance(value, date):
        return value
    called = name in ("as_of", "at", "shown_from", *NOT_EVENTS) or name.endswith(("_at", "_on"))
    if not isinstance(value, str) or not called:
        return None
    try:
        return datetime.fromisoformat(value) if "T" in value or " " in value else date.fromisoformat(value)
    except ValueError:
        return None


def events(said: dict[str, Any], names: Any) -> list[date]:
    """The days on which something happened; a period names its first and its last day."""
    found = [plain(day) for name in names if name not in NOT_EVENTS and (day := dated(name, said.get(name)))]
    if (
        "period" in names
        and isinstance(said.get("period"), str)
        and said["period"].isdigit()
        and len(said["period"]) == 4
    ):
        found += [date(int(said["period"]), 1, 1), date(int(said["period"]), 12, 31)]
    return found
