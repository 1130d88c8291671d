"""The canonical form: the bytes of RFC 8785, whichever way they are written."""

import pytest
import rfc8785
from hypothesis import given, strategies as st

from registry.canonical import canonical, plain

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_the_bytes_are_those_of_the_reference(value):
    """The log's hashes stand on it: strings in any script, control characters, nested, in any order of keys."""
    assert canonical(value) == rfc8785.dumps(plain(value))


def test_keys_sort_by_utf_16_units():
    """An emoji stands before a letter of the private use area, though its code point is the greater one."""
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "€": 3}) == '{"€":3,"\U0001f600":2,"\ufb33":1}'.encode()


def test_a_lone_surrogate_is_refused():
    """Half a character has no bytes."""
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"name": "\ud800"})
