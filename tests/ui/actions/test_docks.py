"""What can be docked, and where what is docked can stand, by name."""

from __future__ import annotations

from capflow_gui.ui.actions.docks import dock_actions, place_actions


def test_each_part_can_be_docked_and_each_docked_view_moved() -> None:
    opened, moved = list[str](), list[str]()
    places = [("At the left", True, lambda: moved.append("left")), ("Close", False, lambda: moved.append("close"))]
    dock, of_tape = dock_actions(opened.append, {"Tape": places})
    for _name, held, run in dock.choices:
        assert not held
        run()
    assert opened == ["chart", "grid", "wall", "alerts", "tape", "budget", "log", "clocks", "table", "figures"]
    assert (of_tape.name, [held for _name, held, _run in of_tape.choices]) == ("Docked: Tape", [True, False])
    for _name, _held, run in of_tape.choices:
        run()
    assert moved == ["left", "close"]
    assert all(action.section and action.what.endswith(".") for action in (dock, of_tape))


def test_each_place_of_list_and_tables_has_a_name_and_the_one_in_force_is_ticked() -> None:
    put = list[tuple[str, str]]()
    actions = place_actions("right", "list", lambda list_at, below: put.append((list_at, below)))
    assert [name for each in actions for name, held, _run in each.choices if held] == ["At the right", "Below the list"]
    for _name, _held, run in (choice for each in actions for choice in each.choices):
        run()
    assert put == [(at, "list") for at in ("left", "right", "top")] + [
        ("right", at) for at in ("chart", "list", "window")
    ]
