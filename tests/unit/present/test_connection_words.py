from __future__ import annotations

import pytest

from capflow_gui.present.connection_words import Leaving, answered_in, disconnect_words, disconnected_words


@pytest.mark.parametrize(
    ("leaving", "said"),
    [
        (Leaving("longport", 0, 0, "opend"), "OpenD is asked about every symbol already."),
        (Leaving("longport", 1, 0, "opend"), "OpenD takes over its one symbol."),
        (
            Leaving("opend", 3, 2, "longport"),
            (
                "Longport takes over its 3 symbols, with totals and no order sizes; "
                "the 2 you put there go back when OpenD does."
            ),
        ),
        (
            Leaving("opend", 3, 0, None),
            "Nothing else is connected: Capflow goes back to its first page, where the demo is, too.",
        ),
    ],
)
def test_what_happens_to_the_symbols_of_a_source_that_is_left(leaving: Leaving, said: str) -> None:
    for sign_out in (False, True):
        question, advice = disconnect_words(leaving, sign_out=sign_out)
        assert question.endswith("?")
        assert advice.startswith(f"{said} Your list, thresholds and alerts stay.")


def test_what_the_user_still_has_to_do_comes_last() -> None:
    assert disconnected_words("longport", last=False, left="End it there.") == (
        "Longport is disconnected. Your list, thresholds and alerts are as they were. End it there."
    )


def test_an_answer_is_never_given_in_no_time() -> None:
    assert [answered_in(seconds) for seconds in (0.0, 0.004, 0.8, 1.44)] == [
        "answered in 1 ms",
        "answered in 4 ms",
        "answered in 800 ms",
        "answered in 1.4 s",
    ]
    assert answered_in(None) == ""
