"""Another edition of a framework: refused with the place of each fault, or told with all that it changes."""

import json
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command

from reports.framework_files import FOLDER
from tests import factories

pytestmark = pytest.mark.django_db


def written(tmp_path, change):
    """The NIST file with a change."""
    raw = yaml.safe_load((FOLDER / "nist_ai_rmf.yaml").read_text("utf-8"))
    change(raw, raw["functions"][0]["categories"][0]["subcategories"])
    path = tmp_path / "edition.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def told(path, **options):
    """What the command prints."""
    out = StringIO()
    call_command("framework", str(path), stdout=out, **options)
    return json.loads(out.getvalue())


def refused(path):
    """The sentence with which it refuses."""
    with pytest.raises(CommandError) as caught:
        told(path)
    return str(caught.value)


def test_the_same_edition_changes_nothing():
    found = told(FOLDER / "nist_ai_rmf.yaml")
    assert found == {"added": [], "removed": [], "changed": {}, "statuses": {}}


def test_a_rule_on_an_unknown_entity_is_refused_with_its_place(tmp_path):
    def change(_raw, rules):
        next(one for one in rules[0]["evidence"] if one["kind"] == "record")["entity"] = "unicorn"

    said = refused(written(tmp_path, change))
    assert "edition.yaml is not taken" in said and "GOVERN-1.1" in said and "unicorn" in said


def test_an_id_that_stands_twice_is_refused(tmp_path):
    assert "GOVERN 1.1: this id stands twice" in refused(written(tmp_path, lambda _raw, rules: rules.append(rules[0])))


def test_what_is_added_removed_and_changed_is_listed(tmp_path):
    def change(_raw, rules):
        rules[0]["title"] = "Another title"
        rules[0]["evidence"][0]["max_age_days"] = 5
        rules.pop(1)
        rules.append({**rules[1], "id": "GOVERN 1.9", "evidence": [{**rules[1]["evidence"][0], "id": "GOVERN-1.9.a"}]})

    found = told(written(tmp_path, change))
    assert found["added"] == ["GOVERN 1.9", "GOVERN-1.9.a"]
    assert "GOVERN 1.2" in found["removed"] and "GOVERN 1.2" in found["statuses"]
    assert found["changed"]["GOVERN 1.1"] == ["title"]


def test_what_changes_in_status_is_told_for_a_system(tmp_path, cast):
    system = factories.make_system(cast)

    def change(_raw, rules):
        rules[0]["applies_when"] = "agentic"

    found = told(written(tmp_path, change), system=system.slug)
    assert found["statuses"]["GOVERN 1.1"]["then"] == "not_applicable"
