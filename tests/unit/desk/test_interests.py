from __future__ import annotations

from capflow_gui.desk.interests import MOST_WATCHED, MOST_WINDOWS, Interests
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.wire.desk.messages import Interest

A, B, C = (Symbol.parse(f"{letter}.US") for letter in "ABC")


def test_what_one_window_wants_is_wanted_until_its_lease_ends() -> None:
    interests = Interests()
    interests.put("ws02", Interest((A, B), (B,), 30.0), 100.0)
    interests.put("ws01", Interest((C,), (), 20.0), 100.0)
    assert interests.windows == (("ws01", ""), ("ws02", ""))
    assert interests.shown == (B,)
    assert interests.watched == (B, C, A)
    assert interests.next_end() == 120.0
    assert not interests.expire(119.9)
    assert interests.expire(120.0)
    assert interests.watched == (B, A)
    interests.put("ws02", Interest((), (), 30.0), 125.0)
    assert (interests.watched, interests.next_end()) == ((), 155.0)
    interests.expire(1e9)
    assert (interests.windows, interests.next_end()) == ((), None)


def test_what_is_said_again_is_nothing_new() -> None:
    interests = Interests()
    assert interests.put("ws01", Interest((A, B), (), 30.0), 100.0)
    assert not interests.put("ws01", Interest((A, B), (), 30.0), 110.0)
    assert interests.next_end() == 140.0
    assert interests.put("ws01", Interest((A, B), (B,), 30.0), 120.0)
    interests.expire(150.0)
    assert interests.put("ws01", Interest((A, B), (B,), 30.0), 160.0)


def test_what_is_on_a_screen_stands_before_all_that_is_wanted() -> None:
    interests = Interests()
    for user in range(3):
        symbols = tuple(Symbol(Market.US, f"A{user}{number}") for number in range(1000))
        interests.put(f"ws{user}", Interest(symbols, symbols[:2], 30.0), 0.0)
    assert len(interests.watched) == 3000 > MOST_WATCHED
    assert interests.watched[:6] == interests.shown


def test_two_windows_of_one_user_each_want_their_own() -> None:
    interests = Interests()
    first, second = Interest((A,), (A,), 30.0, "w1"), Interest((B, C), (), 20.0, "w2")
    assert interests.put("ws01", first, 100.0)
    assert interests.put("ws01", second, 100.0)
    assert not interests.put("ws01", first, 105.0)
    assert not interests.put("ws01", second, 105.0)
    assert (interests.watched, interests.windows) == ((A, B, C), (("ws01", "w1"), ("ws01", "w2")))
    assert interests.expire(125.0)
    assert interests.watched == (A,)


def test_a_user_whose_windows_have_ever_other_names_takes_bounded_room() -> None:
    interests = Interests()
    interests.put("ws02", Interest((C,), (), 120.0, "w"), 0.0)
    for number in range(MOST_WINDOWS + 5):
        interests.put("ws01", Interest((A,), (), 120.0, f"w{number}"), 1.0 + number)
        interests.put("ws01", Interest((B,), (), 120.0, "w0"), 1.5 + number)  # this one goes on saying it
    assert len(interests.windows) == MOST_WINDOWS + 1
    assert {("ws02", "w"), ("ws01", "w0"), ("ws01", f"w{MOST_WINDOWS + 4}")} < set(interests.windows)
