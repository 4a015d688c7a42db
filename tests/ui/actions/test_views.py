"""Charts side by side, the wall and windows of their own, by name and by key."""

from __future__ import annotations

from capflow_gui.ui.actions.views import ONE, WALL, size_actions, view_actions, wall_actions


def test_every_number_of_charts_has_a_key() -> None:
    chosen = list[int]()
    actions = size_actions(chosen.append, one=True)
    for action in actions:
        action.run()
    assert chosen == [1, 4, 9, 16]
    assert [action.key for action in actions] == [f"Ctrl+Alt+{place}" for place in range(1, 5)]
    assert [action.key for action in size_actions(chosen.append, one=False)] == [
        f"Ctrl+Alt+{place}" for place in range(2, 5)
    ]


def test_the_view_in_force_is_ticked_and_a_single_chart_is_not_filled() -> None:
    for view, ticked, fillable in ((ONE, ["1"], False), (9, ["3×3"], True), (WALL, [], False)):
        actions = view_actions(view, lambda _size: None, lambda _kind: None, fill=lambda: None, no_chart="")
        assert [name for name, on, _run in actions[0].choices if on] == ticked
        fill = next(action for action in actions if action.name.startswith("Fill"))
        assert (fill.why_not == "") is fillable


def test_each_part_can_be_torn_off() -> None:
    torn = list[str]()
    actions = view_actions(ONE, lambda _size: None, torn.append, fill=lambda: None, no_chart="")
    next(action for action in actions if action.key == "Ctrl+T").run()
    for _name, _on, run in actions[-1].choices:
        run()
    assert torn == ["chart", "alerts", "tape", "grid", "wall"]


def test_a_key_of_the_wall_is_offered_by_its_name() -> None:
    assert [action.keys for action in wall_actions(lambda: None, lambda: None)][1:] == [("Enter",), ("A",)]  # type: ignore[arg-type, return-value]
