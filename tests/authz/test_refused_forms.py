"""A form that was refused comes back with 422, on every page: a program that posts it must not take it for done."""

import pytest

from tests.authz.test_routes import ROLES, entries_made, html_routes, in_the_table, thing_of, url_of
from tests.authz.world import make_world

EMPTY = {"csrfmiddlewaretoken": "which every form of a browser carries"}
# Pages whose form comes only after a choice in their address; without it they show the choice.
CHOICE_FIRST = {"plan-check", "plan-guidance", "plan-retraining"}
# What an empty form does, and shows on a page of its own.
DONE = {"recovery-codes", "person-link"}


@pytest.fixture
def world(cast):
    """A row of every kind in the lending unit."""
    return make_world(cast)


def whoever_may(route, world, cast):
    """Somebody whose cell permits the act; the owner where it is about oneself."""
    if not route.action:
        return cast.owner
    people = {role: getattr(cast, name) for name, role in reversed(ROLES.items()) if name != "author"}
    may = [role for role in people if in_the_table(route, role, thing_of(route, world), own=role == "DEV")]
    return people[may[0]]


def test_no_page_answers_200_to_an_empty_form(world, cast, client):
    """The routes are walked, so that a new page keeps to it too."""
    wrong, refused = [], 0
    for route in html_routes("POST", "thing", "anywhere", "self", "signed-in"):
        if route.name in CHOICE_FIRST | DONE:
            continue
        client.force_login(whoever_may(route, world, cast))
        status, made = entries_made(client, url_of(route, world), EMPTY)
        refused += status == 422
        if status == 200 or (status == 422 and made):
            wrong.append(f"{route.name}: {status}, {made} entries")
    assert not wrong, "\n".join(wrong)
    assert refused > 30
