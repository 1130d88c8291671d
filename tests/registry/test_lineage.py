"""S-019, S-096: what came from what, up and down, by which path, as far as the reader may see."""

import random
import uuid
from collections import defaultdict

import pytest

from registry import lineage
from registry.actions import datasets, inventory
from registry.errors import BadInput
from registry.models import LineageLink
from registry.models.lineage import Relation
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]
GIVES = {"feeds", "deployed_as"}


def put(links, unit):
    """Links as rows, for questions only: (source, relation, target) by number."""
    ids = defaultdict(uuid.uuid4)
    for source, relation, target in links:
        LineageLink(
            unit=unit, relation=relation,
            source_type="registry.ModelVersion", source_id=ids[source], source_label=f"v{source}",
            target_type="registry.ModelVersion", target_id=ids[target], target_label=f"v{target}",
        ).save()  # fmt: skip
    return ids


def brute(links, start, direction):
    """Distances by trying every link again and again until nothing is new: no recursion, no queue."""
    flows = [(t, s) if r not in GIVES else (s, t) for s, r, t in links if r != "replaces"]
    pairs = flows if direction == "down" else [(b, a) for a, b in flows]
    distance = {start: 0}
    for _round in range(len(links) + 1):
        for a, b in pairs:
            if a in distance and distance[a] + 1 < distance.get(b, 10**9):
                distance[b] = distance[a] + 1
    distance.pop(start)
    return distance


def drawn(random_, nodes, count):
    """Links between numbered things, circles among them, none twice and none to itself."""
    made = {(random_.randrange(nodes), random_.choice(Relation.values), random_.randrange(nodes)) for _ in range(count)}
    return sorted((s, r, t) for s, r, t in made if s != t)


def test_answers_equal_a_brute_force_traversal(cast, seed, amount):
    """D: 200 random graphs, both directions; every path is made of links that lead there."""
    random_ = random.Random(seed)
    for _graph in range(amount(200)):
        links = drawn(random_, nodes=random_.randint(2, 14), count=random_.randint(1, 30))
        if not links:
            continue
        ids = put(links, cast.unit)
        start = random_.choice(links)[0]
        rows = LineageLink.objects.filter(source_id__in=list(ids.values()))
        for direction, ask in (("down", lineage.came_of), ("up", lineage.came_from)):
            found = ask(ids[start], rows)
            assert {each.label: each.distance for each in found} == {
                f"v{node}": steps for node, steps in brute(links, start, direction).items()
            }
            assert [each.distance for each in found] == sorted(each.distance for each in found)
            for each in found:
                require_path(ids[start], each, direction)


def require_path(start, found, direction):
    """Each link of the path begins where the one before it ended."""
    here = start
    for link in found.path:
        other = "up" if direction == "down" else "down"
        assert lineage.uuid_of(link.end(other)[0]) == here
        here = lineage.uuid_of(link.end(direction)[0])
    assert here == found.id
    assert len(found.path) == found.distance


def test_a_path_reads_as_people_say_it(cast):
    ids = put([(1, "trained_on", 0), (2, "fine_tuned_from", 1), (1, "deployed_as", 3)], cast.unit)
    found = {
        each.label: [link.words for link in each.path] for each in lineage.came_of(ids[0], LineageLink.objects.all())
    }
    assert found == {
        "v1": ["v1 was trained on v0"],
        "v2": ["v1 was trained on v0", "v2 was fine-tuned from v1"],
        "v3": ["v1 was trained on v0", "v1 is deployed as v3"],
    }


def test_links_of_another_unit_are_not_walked_through(cast):
    """P11: what lies behind a link that one may not see is not there."""
    ids = put([(1, "trained_on", 0)], cast.unit)
    other = put([("x", "fine_tuned_from", "y")], cast.other_unit)
    LineageLink(
        unit=cast.other_unit, relation="fine_tuned_from", source_type="registry.ModelVersion", source_id=other["y"],
        source_label="vy", target_type="registry.ModelVersion", target_id=ids[1], target_label="v1",
    ).save()  # fmt: skip
    assert [each.label for each in lineage.came_of(ids[0], LineageLink.objects.visible_to(cast.owner))] == ["v1"]
    assert [each.label for each in lineage.came_of(ids[0], LineageLink.objects.all())] == ["v1", "vy", "vx"]
    assert lineage.came_of(ids[0], LineageLink.objects.visible_to(cast.outsider)) == []


def test_a_link_that_closes_a_circle_is_refused_with_the_path(cast):
    """D, bad input: nothing comes from what came from it."""
    first, second, third = (factories.make_version(cast, version=name) for name in ("1", "2", "3"))
    inventory.add_link(second, relation="fine_tuned_from", target=first, actor=cast.owner)
    inventory.add_link(third, relation="fine_tuned_from", target=second, actor=cast.owner)
    with pytest.raises(BadInput) as refused:
        inventory.add_link(first, relation="fine_tuned_from", target=third, actor=cast.owner)
    assert f"{second} was fine-tuned from {first}" in str(refused.value)
    inventory.add_link(third, relation="replaces", target=first, actor=cast.owner)
    assert LineageLink.objects.count() == 3


def test_a_link_to_itself_is_refused(cast):
    version = factories.make_version(cast)
    with pytest.raises(BadInput, match="itself"):
        inventory.add_link(version, relation="fine_tuned_from", target=version, actor=cast.owner)


# ---- the page and REST


@pytest.fixture
def chain(cast):
    """A data set, a version that was trained on it, and a version fine-tuned from that one."""
    data = datasets.register_dataset(unit=cast.unit, name="Applications", description="", actor=cast.owner)
    rows = datasets.register_dataset_version(
        data, version="2026", hash=f"sha256:{'0' * 64}", use="training", actor=cast.owner
    )
    first, second = (factories.make_version(cast, version=name) for name in ("1", "2"))
    inventory.add_link(first, relation="trained_on", purpose="It is made from them.", target=rows, actor=cast.owner)
    inventory.add_link(second, relation="fine_tuned_from", target=first, actor=cast.owner)
    return rows, first, second


def test_the_page_of_a_data_set_shows_what_it_touches_and_by_which_way(client, cast, chain):
    """S-096: versions and systems that learned from it, directly or not."""
    rows, first, second = chain
    client.force_login(cast.risk_officer)
    text = client.get(f"/lineage/dataset/{rows.pk}/").content.decode()
    assert f"{first} was trained on {rows}; {second} was fine-tuned from {first}" in text
    assert f'href="{second.home_system.get_absolute_url()}"' in text
    client.force_login(cast.outsider)
    assert client.get(f"/lineage/dataset/{rows.pk}/").status_code == 404


def test_rest_answers_both_ways(client, cast, chain):
    rows, first, second = chain
    client.force_login(cast.risk_officer)
    answer = client.get(f"/api/v1/lineage/{first.pk}").json()
    assert [each["id"] for each in answer["came_from"]] == [str(rows.pk)]
    assert [(each["label"], each["distance"]) for each in answer["came_of"]] == [(str(second), 1)]
    assert answer["came_of"][0]["path"][0]["words"] == f"{second} was fine-tuned from {first}"
    assert {each["name"] for each in answer["systems"]} == {first.home_system.name, second.home_system.name}
    client.force_login(cast.outsider)
    assert client.get(f"/api/v1/lineage/{first.pk}").status_code == 404
    assert client.get("/api/v1/lineage/nothing").status_code == 404


def test_asking_takes_a_fixed_number_of_queries(client, cast, chain, django_assert_max_num_queries):
    rows = chain[0]
    client.force_login(cast.risk_officer)
    with django_assert_max_num_queries(16):
        client.get(f"/lineage/dataset/{rows.pk}/")
