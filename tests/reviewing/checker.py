"""Judges every decision and every publication that the log tells of; a program of its own beside the registry's rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tests.reviewing.facts import Facts, Hand, Row, differing
from tests.reviewing.log_reading import Entry, digest, entries, subject_digest

YES: Final = {"approve", "approve_with_conditions"}
NO: Final = {"reject", "request_changes"}
Problems = list[str]


@dataclass(frozen=True)
class Frozen:
    """What a round of a review decides on: its material and policy, as frozen by one entry."""

    seq: int
    digest: str
    round: int
    material: dict[str, Any]
    policy: dict[str, Any]


@dataclass(frozen=True)
class Given:
    """A decision when it was given: for whom it counts (a deputy's for two), and for which units it speaks."""

    seq: int
    persons: frozenset[str]
    units: frozenset[str]


@dataclass(frozen=True)
class Stage:
    """What one stage of the policy asks: so many sign-offs by duty, of which `quorum` must agree, for these units."""

    asks: dict[str, int]
    quorum: int
    units: tuple[str, ...]


def stages(policy: dict[str, Any]) -> list[Stage]:
    """The stages of a frozen policy, in either form of writing them."""
    found = []
    for told in policy["stages"]:
        said = told if isinstance(told, dict) else {"ask": told}
        asks: dict[str, int] = {}
        for ask in said["ask"]:
            asks[ask["duty"]] = asks.get(ask["duty"], 0) + int(ask.get("count", 1))
        found.append(Stage(asks, int(said.get("quorum", sum(asks.values()))), tuple(said.get("units", ()))))
    return found


class Checker:
    """Fed with the log from its first entry on; `violations` are sentences, `publications` counts what was judged."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.seq = self.publications = self.decisions = 0
        self.frozen: dict[str, Frozen] = {}
        self.decided: dict[str, Frozen] = {}
        self.given: dict[str, Given] = {}
        self.violations: Problems = []

    def copy(self) -> "Checker":
        """The same state, to go on from by itself."""
        other = Checker()
        other.facts, other.seq, other.frozen, other.decided, other.given = (
            self.facts.copy(), self.seq, dict(self.frozen), dict(self.decided), dict(self.given)
        )  # fmt: skip
        other.publications, other.decisions, other.violations = self.publications, self.decisions, [*self.violations]
        return other

    def read(self) -> "Checker":
        """Take in what the log holds by now, and look at what is published then."""
        for entry in entries(after=self.seq):
            self.take(entry)
        self.violations += self.unsound()
        return self

    def take(self, entry: Entry) -> None:
        """Judge one entry against what was known before it, then know it too."""
        judge = {
            "review.frozen": self.freezing, "sign_off.given": self.decision, "release.approved": self.approval,
            "release.published": self.publication, "version.published": self.version_publication,
            "release.renewed": self.renewal,
        }.get(entry.action)  # fmt: skip
        before = self.facts.tables.get(entry.kind, {}).get(entry.id)
        self.facts.take(entry)
        self.seq = entry.seq
        if judge is not None:
            self.violations += [f"{entry}: {problem}" for problem in judge(entry, before)]

    # ---- what entries say

    def freezing(self, entry: Entry, _before: Row | None) -> Iterable[str]:
        """The digests are those of the material and the policy that stand beside them."""
        row = entry.row
        if row["subject_digest"] != subject_digest(row["material"]) or row["policy_digest"] != digest(row["policy"]):
            yield "the digest frozen is not the digest of the material or of the policy"
        earlier = self.frozen.get(entry.id)
        if earlier and earlier.policy != row["policy"]:
            yield "the policy changed within a review"
        self.frozen[entry.id] = Frozen(entry.seq, row["subject_digest"], row["round"], row["material"], row["policy"])

    def decision(self, entry: Entry, before: Row | None) -> Iterable[str]:
        """The slot was waiting and its turn had come; the person is one who may, and says it of what is frozen."""
        self.decisions += 1
        slot = entry.row
        review = self.facts.row("registry.Review", slot["review"])
        release = self.facts.row("registry.Release", review["release"])
        frozen = self.frozen[slot["review"]]
        if before is None or before["decision"] or before["voided_at"] or before.get("not_needed_at"):
            yield "the slot was not waiting"
        if review["status"] != "open":
            yield f"the review was {review['status']}"
        if (slot["subject_digest"], slot["round"]) != (frozen.digest, frozen.round):
            yield "decided on something else than was frozen last"
        yield from self.out_of_turn(slot)
        hand = self.facts.hand(
            slot["person"], slot["duty"], release["system"], entry, pending_since=self.first_asked(release)
        )  # fmt: skip
        yield from self.wrong_person(entry, release, hand)
        self.given[entry.id] = Given(entry.seq, hand.persons, frozenset(self.spoken_for(entry)))

    def out_of_turn(self, slot: Row) -> Iterable[str]:
        """Every earlier stage had its approvals."""
        frozen = self.frozen[slot["review"]]
        for number, stage in enumerate(stages(frozen.policy)[: slot["stage"] - 1], 1):
            yield from self.lacking(stage, number, slot["review"], frozen)

    def wrong_person(self, entry: Entry, release: Row, hand: Hand) -> Iterable[str]:
        """The actor is the signer, held the duty, made nothing of it, and has neither decided nor abstained before."""
        slot = entry.row
        if slot["person"] != entry.actor:
            yield "somebody else than the actor is said to have signed"
        if hand.persons & self.facts.contributors(release):
            yield "who made or owns it decided on it"
        others = [other for other in self.signed(slot["review"]) if other["id"] != slot["id"]]
        if any(hand.persons & self.given[other["id"]].persons for other in others if other["round"] == slot["round"]):
            yield "one person decided twice"
        if hand.persons & self.conflicted(release, slot["id"]):
            yield "who abstained decided"
        if release["status"] == "published" and release["publisher"] in hand.persons:
            yield "who published it decided on its renewal"
        if not hand.held:
            yield f"the signer held no duty as {slot['duty']} at that moment"
        elif not hand.settled:
            yield "the duty was newer than what waited for it"

    def reviews_of_version(self, release: Row) -> Iterable[Row]:
        """The reviews of every release of the version of this one."""
        for other in self.facts.rows("registry.Release", version=release["version"]):
            yield from self.facts.rows("registry.Review", release=other["id"])

    def first_asked(self, release: Row) -> str:
        """Since when the version has been before reviewers, however often it was taken back."""
        return min(review["created_at"] for review in self.reviews_of_version(release))

    def conflicted(self, release: Row, but: str = "") -> set[str]:
        """Whoever abstained from the version with a conflict of interest, and for whom a deputy did."""
        slots = [slot for review in self.reviews_of_version(release) for slot in self.signed(review["id"])]
        named = [slot["id"] for slot in slots if slot["decision"] == "abstain" and slot["id"] != but]
        return {person for name in named for person in self.given[name].persons}

    def spoken_for(self, entry: Entry) -> Iterable[str]:
        """The units at or above those in which the signer holds the duty, by their short names."""
        paths = [
            self.facts.row("registry.BusinessUnit", grant["unit"])["path"]
            for grant in self.facts.in_force(entry.row["person"], entry.day)
            if grant["duty"] == entry.row["duty"]
        ]
        for unit in self.facts.rows("registry.BusinessUnit"):
            if any(path.startswith(unit["path"]) for path in paths):
                yield unit["slug"]

    def approval(self, entry: Entry, _before: Row | None) -> Iterable[str]:
        """Every stage has its approvals at the moment of the approval."""
        review = self.review_of(entry.id)["id"]
        self.decided[review] = self.frozen[review]
        yield from self.undecided(entry.row)
        yield from self.ungated(entry)

    def renewal(self, entry: Entry, before: Row | None) -> Iterable[str]:
        """As an approval; what is published goes on on it."""
        if before is None or before["status"] != "published":
            yield "renewed without being published"
        yield from self.approval(entry, before)

    def publication(self, entry: Entry, before: Row | None) -> Iterable[str]:
        """Approved in full, of what it is now, published once by a further person who may, with evidence that passes."""
        self.publications += 1
        release = entry.row
        review = self.review_of(entry.id)
        if before is None or before["status"] != "approved" or review["status"] != "approved":
            yield f"published while the release was {before and before['status']}, the review {review['status']}"
        same = self.facts.rows("registry.Release", version=release["version"], system=release["system"])
        if any(other["status"] == "published" for other in same if other["id"] != entry.id):
            yield "another release of this version is published"
        yield from self.undecided(release)
        yield from self.ungated(entry)
        yield from self.changed(release)
        yield from self.wrong_publisher(entry, review)
        yield from self.unkept(entry, review)

    def version_publication(self, entry: Entry, before: Row | None) -> Iterable[str]:
        """A version is published with a release of it, and from approval only."""
        if before is None or before["status"] != "approved":
            yield f"the version was {before and before['status']}"
        if not self.facts.rows("registry.Release", version=entry.id, status="published"):
            yield "no release of the version is published"

    def wrong_publisher(self, entry: Entry, review: Row) -> Iterable[str]:
        """The publisher holds the duty, and neither made it nor signed it."""
        release = entry.row
        hand = self.facts.hand(
            release["publisher"], "publisher", release["system"], entry, pending_since=review["closed_at"] or ""
        )
        if release["publisher"] != entry.actor:
            yield "somebody else than the actor is said to have published"
        if hand.persons & self.facts.contributors(release):
            yield "who made or owns it published it"
        if hand.persons & self.conflicted(release):
            yield "who abstained published it"
        frozen = self.decided.get(review["id"])
        standing = self.standing(frozen, review["id"]) if frozen else []  # that there is none is said by `undecided`
        if any(hand.persons & self.given[slot["id"]].persons for slot in standing):
            yield "who decided on it published it"
        if not (hand.held and hand.settled):
            yield "the publisher held no duty as publisher at that moment, or too new a one"

    def unkept(self, entry: Entry, review: Row) -> Iterable[str]:
        """Conditions that nobody verified where the policy does not let that wait, and an approval whose end has come."""
        frozen = self.decided.get(review["id"])
        waits = frozen is not None and frozen.policy.get("conditions", {}).get("publish_open", False)
        unmet = [
            row
            for row in self.facts.rows("registry.Condition", review=review["id"])
            if row["status"] in {"open", "met"}
        ]
        if any(not waits or row["due_on"] < entry.day for row in unmet):
            yield "a condition of the approval is not kept"
        if (entry.row.get("approval_ends_on") or entry.day) < entry.day:
            yield "the approval had ended"

    # ---- what a publication rests on

    def review_of(self, release: str) -> Row:
        """The review of a release."""
        return self.facts.rows("registry.Review", release=release)[0]

    def signed(self, review: str) -> list[Row]:
        """The decisions that nobody voided, of any round."""
        found = self.facts.rows("registry.SignOff", review=review, voided_at=None)
        return [slot for slot in found if slot["decision"]]

    def standing(self, frozen: Frozen, review: str) -> list[Row]:
        """Those of one round, abstentions among them."""
        return [slot for slot in self.signed(review) if slot["round"] == frozen.round]

    def lacking(self, stage: Stage, number: int, review: str, frozen: Frozen) -> Iterable[str]:
        """What a stage lacks: approvals in all, of each duty where all are asked for, or of a unit."""
        agreed = [slot for slot in self.standing(frozen, review) if slot["stage"] == number and slot["decision"] in YES]
        if len({slot["person"] for slot in agreed}) < stage.quorum:
            yield f"stage {number} has {len(agreed)} approvals of {stage.quorum}"
        for duty, count in stage.asks.items():
            if stage.quorum == sum(stage.asks.values()) and sum(slot["duty"] == duty for slot in agreed) < count:
                yield f"stage {number} lacks approvals of the duty {duty}"
        for unit in stage.units:
            if not any(unit in self.given[slot["id"]].units for slot in agreed):
                yield f"nobody of the unit {unit} agreed in stage {number}"

    def undecided(self, release: Row) -> Iterable[str]:
        """What the review lacks: a quorum, order, or decisions on what was frozen for its last approval."""
        review = self.review_of(release["id"])["id"]
        frozen = self.decided.get(review)
        if frozen is None:
            yield "nothing was ever approved"
            return
        decided = [slot for slot in self.standing(frozen, review) if slot["decision"] != "abstain"]
        for number, stage in enumerate(stages(frozen.policy), 1):
            yield from self.lacking(stage, number, review, frozen)
        if any(slot["decision"] in NO for slot in decided):
            yield "somebody said no"
        if any(slot["subject_digest"] != frozen.digest for slot in decided):
            yield "an approval is bound to something else than was frozen last"
        if any(self.given[slot["id"]].seq < frozen.seq for slot in decided):
            yield "an approval is older than what it approves"

    def changed(self, release: Row) -> Iterable[str]:
        """What differs between the material decided on and the same facts read from the log now.

        While people decide on a renewal, the newer runs that were put before them are not yet decided on.
        """
        review = self.review_of(release["id"])
        frozen = self.decided.get(review["id"])
        if frozen is None:
            return
        spared = {*frozen.policy.get("immaterial", ())}
        if review["status"] == "open" and release["status"] == "published":
            spared.add("evidence")
        parts = set(differing(frozen.material, self.facts.material(release))) - spared
        if parts:
            yield f"not what was decided on: {', '.join(sorted(parts))}"

    def ungated(self, entry: Entry) -> Iterable[str]:
        """Checks that the policy asks for and that neither pass in time nor are waived."""
        release = entry.row
        frozen = self.frozen[self.review_of(release["id"])["id"]]
        for ask in frozen.policy["evidence"]:
            condition = ask.get("applies_when", "")
            if condition and not frozen.material["context"][condition]:
                continue
            if not self.passes(ask, entry) and not self.is_waived(ask["check"], frozen.policy, entry):
                yield f"the check {ask['check']} neither passes nor is waived"

    def passes(self, ask: Row, entry: Entry) -> bool:
        """Evidence of the release shows the check, stands, is in time and says what the policy wants."""
        rows = [row for row in self.facts.evidence(entry.row) if ask["check"] in row["shows"]]
        measured = [row for row in rows if row["kind"] != "reported"] or rows
        return any(
            (row["verdict"] == "pass" or (ask["verdict"] == "recorded" and row["verdict"]))
            and row["withdrawn_at"] is None
            and row["superseded_by"] is None
            and (row["valid_until"] is None or row["valid_until"] > entry.at)
            for row in measured
        )

    def is_waived(self, check: str, policy: Row, entry: Entry) -> bool:
        """A waiver of the check is in force: allowed by the policy, accepted by somebody else, before its last day."""
        rows = self.facts.rows(
            "registry.Waiver", version=entry.row["version"], gate="evidence", check_name=check, status="approved"
        )
        return "evidence" in policy.get("waivers", {}).get("gates", ()) and any(
            row["expires_on"] >= entry.day and row["accepted_by"] not in {None, row["requested_by"]} for row in rows
        )

    # ---- between two acts

    def unsound(self) -> Problems:
        """What is published now and lacks a valid decision over what it is now."""
        return [
            f"after entry {self.seq}: {problem}"
            for release in self.facts.rows("registry.Release", status="published")
            if release["system"] == self.home(release["version"])
            for problem in (*self.undecided(release), *self.changed(release))
        ]

    def home(self, version: str) -> str:
        """The home system of a version."""
        return self.facts.row("registry.Model", self.facts.row("registry.ModelVersion", version)["model"])["system"]
