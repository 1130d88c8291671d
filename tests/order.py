"""Which files of tests begin first, and which tests are long although they do not say so: as measured, not as guessed."""

import pytest

from config.places import ROOT

# Each takes more than half a minute in one lane or the other; they begin first, so that none is left alone at the end.
FIRST = (
    "config/test_canaries.py", "risk/test_look.py", "config/test_up.py", "browser/test_look.py", "config/test_backup.py",
    "authz/test_twins.py", "journeys/test_release_path.py", "config/test_database_roles.py", "authz/test_routes.py",
    "config/test_chinese.py", "reviewing/test_programs.py", "reviewing/test_crowds.py", "rai/sandbox/test_models.py",
    "config/test_company.py",
    "journeys/test_conditional_review.py", "config/test_up_on_postgresql.py", "authz/test_separation.py",
    "rai/test_sample_adequacy.py", "faults/test_worker_killed.py", "rai/test_counting_in_parts.py",
    "authz/test_headers.py", "authz/test_payloads.py", "registry/test_tampering.py",
)  # fmt: skip
# Test functions that took about two seconds of a busy core or more; --fast leaves them out, as those marked in their file.
MEASURED_LONG = (ROOT / "tests" / "long.txt").read_text().split()


@pytest.hookimpl(tryfirst=True)  # before pytest looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what was measured as long, and bring the long files to the front; all others stay where they were."""
    places, measured = {name: place for place, name in enumerate(FIRST)}, set(MEASURED_LONG)
    for item in items:
        if item.nodeid.partition("[")[0].removeprefix("tests/") in measured:
            item.add_marker(pytest.mark.long)
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0].removeprefix("tests/"), len(FIRST)))
