"""The release policy of the company: one that two people approved before the first release, and a proposal that waits."""

from config.company.story import Company, texts
from registry import policy
from registry.actions import policies, proposals


def govern(company: Company) -> None:
    """The policy in force, and a draft of the next one that is proposed and waits for its two approvals."""
    told, author = texts()["policy"], company.people["risk"]
    source = shipped_text().replace("name: Default release policy", f"name: {told['name']}") + told["kinds"]
    row = policies.draft_policy(source=source, reason=told["reason"], actor=author)
    policies.propose_policy(row, reason=told["reason"], actor=author)
    for approver in ("approver", "second_approver"):
        proposals.approve(row, reason=told["approved"], actor=company.people[approver])
    tighter = source
    for before, after in told["tightened"].items():
        tighter = tighter.replace(before, after)
    proposal = policies.draft_policy(source=tighter, reason=told["why_tightened"], actor=author)
    policies.propose_policy(proposal, reason=told["why_tightened"], actor=author)


def shipped_text() -> str:
    """The policy that comes with the software, as text."""
    return policy.SOURCE.read_text(encoding="utf-8")
