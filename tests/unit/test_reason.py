from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.reason import Code, Reason

plain = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.none())
names = st.text("abcdefgh_", min_size=1).filter(lambda name: name != "code")
reasons = st.recursive(
    st.builds(lambda code, args: Reason.of(code, **args), st.sampled_from(Code), st.dictionaries(names, plain)),
    lambda inner: st.builds(lambda args: Reason.of(Code.VERBATIM, **args), st.dictionaries(names, inner | plain)),
    max_leaves=4,
)


@given(reasons)
def test_what_is_kept_is_read_back(reason: Reason) -> None:
    assert Reason.from_json(reason.to_json()) == reason


def test_a_text_that_is_no_unicode_can_be_kept() -> None:
    reason = Reason.of(Code.VERBATIM, text="half a pair: \ud800")
    assert Reason.from_json(reason.to_json().encode().decode()) == reason


def test_a_code_of_a_newer_version_is_kept_verbatim() -> None:
    assert Reason.from_json('{"code": "moon_in_the_way", "phase": 3}') == Reason.of(
        Code.VERBATIM, text="moon_in_the_way"
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '"verbatim"', "null", 7, '{"a":' * 100_000])
def test_what_is_no_reason_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a reason|Expecting"):
        Reason.from_json(text)


def test_the_log_shows_code_and_arguments() -> None:
    assert str(Reason.of(Code.VERBATIM, text="no")) == "verbatim text=no"


def test_an_argument_out_of_a_file_may_have_any_name_and_any_type() -> None:
    read = Reason.from_json('{"code": "verbatim", "cls": 1, "self": [2, 3], "text": null}')
    assert read == Reason(Code.VERBATIM, (("cls", 1), ("self", "[2, 3]"), ("text", None)))
