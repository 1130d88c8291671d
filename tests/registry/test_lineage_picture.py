"""The lineage as a picture, and questions of impact with the way to each answer."""

import base64
import random
import re
import subprocess
import uuid
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from registry.actions import inventory
from registry.lineage_graph import joined, picture
from registry.lineage_graph.joined import VERSION, Edge, Graph, Node
from registry.lineage_graph.questions import asked
from registry.models import Dataset, DatasetVersion, LineageLink
from reports import building
from reports.catalogue import REPORTS
from tests import factories
from tests.api.test_rest import problem_of, session

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<b>bold</b>",
    "\\N \\G \\L",
    '"; node [x]',
    "<script>alert(1)</script>",
    "&lt;&amp;",
    "a\nb\x00c",
    "信用评分",
    "x" * 400,
]


def make_data(cast, name: str = "Customers", **fields) -> DatasetVersion:
    """A version of a data set, as rows for questions."""
    dataset = Dataset(unit=cast.unit, name=name, slug=f"d{uuid.uuid4().hex[:8]}", steward=cast.owner)
    dataset.save()
    row = DatasetVersion(dataset=dataset, version="1", hash="sha256:" + uuid.uuid4().hex * 2, use="training", **fields)
    row.save()
    return row


def link(cast, source, relation: str, target) -> None:
    """A link as a row."""
    LineageLink(
        unit=cast.unit, relation=relation, source_type=source._meta.label, source_id=source.pk, source_label=str(source),
        target_type=target._meta.label, target_id=target.pk, target_label=str(target),
    ).save()  # fmt: skip


@pytest.fixture
def family(cast):
    """Data, a version trained on it, one distilled from that, and one tuned from this."""
    data = make_data(cast, contains_personal_data=True)
    first = factories.make_version(cast, provider="Vendor", base_model="large-3")
    second, third = factories.make_version(cast), factories.make_version(cast)
    link(cast, first, "trained_on", data)
    link(cast, second, "distilled_from", first)
    link(cast, third, "fine_tuned_from", second)
    return data, first, second, third


def texts(svg: bytes) -> list[str]:
    """Every text of a picture, and the proof that it is XML."""
    return ["".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def graph_of_labels(labels: list[str]) -> Graph:
    """A chain of boxes with these names."""
    nodes = tuple(Node(str(number), VERSION, label) for number, label in enumerate(labels))
    return Graph(nodes, tuple(Edge(str(n), str(n + 1), labels[n]) for n in range(len(labels) - 1)), 0)


# ---- the picture


def test_names_are_drawn_as_they_are_and_never_read_as_a_language():
    """S-019: quotes, HTML, Graphviz' own escapes, control characters and Chinese."""
    svg = picture.svg(graph_of_labels(HOSTILE))
    said = texts(svg)
    for name in ("<b>bold</b>", "\\N \\G \\L", '"; node [x]', "<script>alert(1)</script>", "&lt;&amp;", "信用评分"):
        assert name in said, name
    assert "abc" in said and any(line.endswith("…") for line in said)
    assert {each.tag for each in ElementTree.fromstring(svg).iter()} <= {
        SVG + tag for tag in ("svg", "g", "title", "desc", "style", "text", "path", "polygon")
    }
    assert b"href" not in svg and b"<script" not in svg


def test_one_graph_gives_the_same_bytes_each_time(monkeypatch):
    monkeypatch.setattr(picture.cache, "get", lambda key: None)
    graph = graph_of_labels(["a", "b", "c"])
    assert picture.svg(graph) == picture.svg(graph)


def test_a_drawing_that_takes_too_long_is_given_up_in_a_sentence(monkeypatch):
    """The time limit: the process is ended, the page goes on."""

    def slow(*args, timeout, **kwargs):
        raise subprocess.TimeoutExpired("drawing", timeout)

    monkeypatch.setattr(picture.subprocess, "run", slow)
    with pytest.raises(picture.NotDrawn, match="could not be drawn in time"):
        picture.svg(graph_of_labels(["slow", "slower"]))


def test_a_picture_holds_ancestors_descendants_base_system_and_what_runs(family, cast, client):
    """S-019, row 23, row 25: distillation, fine-tuning and base model are parentage."""
    data, first, second, third = family
    graph = joined.seen_graph(second, cast.owner)
    names = {node.label for node in graph.nodes}
    assert {str(data), str(first), str(second), str(third), "Vendor large-3", second.home_system.name} <= names
    pairs = {(edge.giver, edge.label, edge.taker) for edge in graph.edges}
    assert (str(first.pk), "was distilled from", str(second.pk)) in pairs
    client.force_login(cast.owner)
    answer = client.get(reverse("lineage-picture", args=["version", second.pk]))
    assert answer["Content-Type"] == "image/svg+xml" and "sandbox" in answer["Content-Security-Policy"]
    assert any("was distilled from" in text for text in texts(answer.content))


def test_a_large_graph_is_cut_to_the_nearest_and_says_so(cast, client):
    start = factories.make_version(cast)
    for number in range(joined.MOST_NODES + 20):
        link(cast, start, "trained_on", make_data(cast, f"Data {number:03}"))
    graph = joined.seen_graph(start, cast.owner)
    assert len(graph.nodes) == joined.MOST_NODES and graph.left == 21
    client.force_login(cast.owner)
    assert "21 more stand in the lists" in client.get(reverse("lineage", args=["version", start.pk])).content.decode()


def test_the_page_shows_the_picture_with_a_text_in_its_place_and_the_list_beside_it(family, cast, client):
    client.force_login(cast.owner)
    page = client.get(reverse("lineage", args=["version", family[2].pk])).content.decode()
    alt = re.search(r'<img src="([^"]+picture\.svg)" alt="([^"]+)"', page)
    assert alt and "came from 2 things, and 1 came from it" in alt[2]
    assert str(family[0]) in page.replace(alt[0], "")


def test_a_picture_shows_nothing_of_another_unit(family, cast, client):
    """P11."""
    client.force_login(cast.outsider)
    assert client.get(reverse("lineage-picture", args=["version", family[1].pk])).status_code == 404


def test_dark_and_light_have_colours_of_their_own():
    assert "prefers-color-scheme:dark" in picture.STYLE
    assert set(picture.INK) == set(picture.DARK) == set(picture.CLASSES.values())


# ---- questions


def ways(answer) -> dict[str, tuple[str, ...]]:
    """Each thing with its way."""
    return {each.node.label: each.way for each in answer.affected}


def test_what_depends_on_a_data_set_is_answered_with_ways(family, cast):
    """Row 26, row 38, S-096."""
    data, first, second, third = family
    found = ways(asked("data", "custom", cast.owner))
    assert list(found) == [str(data), str(first), str(second), str(third)]
    assert found[str(third)] == (
        f"{data} is a version of it", f"{first} was trained on {data}", f"{second} was distilled from {first}",
        f"{third} was fine-tuned from {second}",
    )  # fmt: skip
    assert {system.name for system in asked("data", "custom", cast.owner).systems} == {
        version.home_system.name for version in (first, second, third)
    }


@pytest.mark.parametrize(("slug", "text"), [("base", "LARGE-3"), ("vendor", "vendor")])
def test_what_depends_on_a_base_model_or_a_vendor(slug, text, family, cast):
    """Row 26."""
    _data, first, second, third = family
    found = ways(asked(slug, text, cast.owner))
    assert list(found) == [str(first), str(second), str(third)]
    assert found[str(first)][0].startswith(f"{first} is ")


def test_which_versions_saw_a_persons_data_names_versions_alone(family, cast):
    """S-096, row 38: data sets without personal data are no answer."""
    other = make_data(cast, "Customers of none", contains_personal_data=False)
    link(cast, factories.make_version(cast), "trained_on", other)
    assert list(ways(asked("person", "customers", cast.owner))) == [str(row) for row in family[1:]]


def test_what_a_change_of_class_affects(family, cast):
    data, *versions = family
    answer = asked("class", data.dataset.classification, cast.owner)
    assert {str(row) for row in versions} <= set(ways(answer))
    assert asked("class", "no such class", cast.owner).affected == []


def test_answers_hold_nothing_of_another_unit(family, cast):
    """P11."""
    for slug, text in (("data", "custom"), ("base", "large"), ("vendor", "vendor"), ("person", "customers")):
        assert asked(slug, text, cast.outsider).affected == []


@pytest.mark.both
def test_answers_from_many_beginnings_are_those_of_trying_every_link(cast, amount, seed):
    """D: equal to a brute-force traversal on 200 random graphs."""
    rng = random.Random(seed)
    for round_ in range(amount(200)):
        name = f"Graph {round_:04}"
        rows = [make_data(cast, name) for _ in range(rng.randrange(1, 4))] + [
            make_data(cast, "Other") for _ in range(9)
        ]
        pairs = {tuple(rng.sample(range(len(rows)), 2)) for _ in range(rng.randrange(14))}
        pairs = {(one, two) for one, two in pairs if (two, one) not in pairs or one < two}
        for child, parent in pairs:
            link(cast, rows[child], "generated_by", rows[parent])
        assert distances(asked("data", name, cast.owner)) == brute(rows, pairs, name), (seed, round_)


def distances(answer) -> dict[str, int]:
    """How far away each thing of an answer is."""
    return {each.node.key: each.distance for each in answer.affected}


def brute(rows, pairs, name: str) -> dict[str, int]:
    """The same by trying every link until nothing is new."""
    found = {number: 0 for number, row in enumerate(rows) if row.dataset.name == name}
    for distance in range(len(rows)):
        near = {child for child, parent in pairs if found.get(parent) == distance} - set(found)
        found |= dict.fromkeys(near, distance + 1)
    return {str(rows[number].pk): distance for number, distance in found.items()}


def test_a_question_is_a_page_whose_address_holds_it(family, cast, client):
    client.force_login(cast.owner)
    address = reverse("lineage-questions")
    assert client.get(address).status_code == 200
    page = client.get(address, {"ask": "data", "about": "custom"}).content.decode()
    assert f"{family[3]} was fine-tuned from {family[2]}" in page
    assert (
        "Nothing that you may see depends on it"
        in client.get(address, {"ask": "base", "about": "zzz"}).content.decode()
    )
    assert client.get(address, {"ask": "nothing", "about": ""}).status_code == 200


def test_a_question_takes_a_fixed_number_of_queries(family, cast, django_assert_max_num_queries):
    for _more in range(15):
        link(cast, factories.make_version(cast), "trained_on", family[0])
    with django_assert_max_num_queries(12):
        asked("data", "custom", cast.owner)


def test_kinds_of_boxes_have_words():
    assert all(str(label) for label in joined.KINDS.values())


# ---- the same in a document


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_report_of_a_version_holds_the_picture(language, family, cast, monkeypatch):
    """S-019: the same bytes as on the page, names in any script."""
    inventory.add_link(
        family[1], relation="replaces", target=factories.make_version(cast, version="1.版本"), actor=cast.owner
    )
    with translation.override(language):
        drawn = picture.svg(joined.unit_graph(family[1]))
    monkeypatch.setattr(building.pdf, "render", lambda html, **rest: html.encode())
    _data, document = building.built(REPORTS["compliance"], family[1], as_of=timezone.now(), language=language)
    assert base64.b64encode(drawn) in document


# ---- the same by REST


def test_rest_answers_a_question_with_ways(family, cast):
    """Row 26."""
    said = session(cast.owner).get("/api/v1/lineage/?ask=base&about=large-3").json()
    assert [row["label"] for row in said["affected"]] == [str(row) for row in family[1:]]
    assert said["affected"][1]["way"][-1] == f"{family[2]} was distilled from {family[1]}"
    assert session(cast.outsider).get("/api/v1/lineage/?ask=base&about=large-3").json()["affected"] == []


@pytest.mark.parametrize("query", ["", "?ask=x&about=y", "?ask=base", "?ask=base&about=y&more=1"])
def test_rest_refuses_a_question_that_is_none(query, cast):
    problem_of(session(cast.owner).get(f"/api/v1/lineage/{query}"), 400)
