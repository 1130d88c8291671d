"""What tests of risk share: a client signed in as somebody."""

import pytest


@pytest.fixture
def as_person(client):
    """The client, signed in as whoever was named last."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in
