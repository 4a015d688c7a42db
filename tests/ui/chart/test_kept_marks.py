"""Marks are placed anew only where what they show has changed; they are always what placing all of them gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from capflow_gui.domain.flow import EXTRA_LARGE, NET
from capflow_gui.present.language.catalogues import speak
from capflow_gui.ui.chart.annotations import Annotations
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.marks import Marks
from capflow_gui.ui.flow_views.marked import Marked
from capflow_gui.ui.theme import build_theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import THRESHOLD, settle

# lines, seed of the walk, what is added from 11:00 on, threshold, whether it fired, whether lines were revised
Day = tuple[int, int, float, float, bool, bool]


@pytest.fixture
def english() -> Iterator[None]:
    """English when the test is over."""
    yield
    speak("en")


def show(chart: FlowChart, day: Day) -> None:
    lines, seed, lift, threshold, fired, revised = day
    series = md.flow(lines, seed=seed)
    values = series.values.copy()
    values[:, 90:] += lift
    series = msgspec.structs.replace(series, values=values)
    alert = md.breach(series, threshold) if fired and (series.net <= threshold).any() else None
    marked = Marked(revised=(md.at(10, 5), md.at(11, 0))) if revised else None
    chart.show_row(md.row(series, threshold=threshold, alert=alert), 0.0, marked=marked)


def drag(chart: FlowChart, to: float | None) -> None:
    chart.notes.dragged = to
    chart.notes.place()


def paint(chart: FlowChart, scheme: str, scale: float) -> None:
    chart.set_theme(build_theme(scheme, font_scale=scale))


def alone(chart: FlowChart, column: int | None) -> None:
    chart.plot.set_solo(column)


def zoom(chart: FlowChart, factor: float, center: int) -> None:
    chart.plot.zoom(factor, center)


def resize(chart: FlowChart, width: int, height: int) -> None:
    chart.resize(width, height)


def say(chart: FlowChart, language: str) -> None:
    speak(language)
    chart.notes.place()


def in_grid(chart: FlowChart, on: bool) -> None:
    chart.plot.in_grid = on
    chart.plot.lay_out()


DAYS = st.tuples(
    st.sampled_from((100, 243, 244, 331)),
    st.sampled_from((7, 8)),
    st.sampled_from((0.0, 4e5)),
    st.sampled_from((THRESHOLD, -3e7, -5e9)),
    st.booleans(),
    st.booleans(),
)
STEPS: dict[Callable[..., None], tuple[st.SearchStrategy[object], ...]] = {
    show: (DAYS,),
    drag: (st.sampled_from((None, -1e8, -4e7)),),
    paint: (st.sampled_from(("dark", "light")), st.sampled_from((1.0, 1.4))),
    alone: (st.sampled_from((None, NET, EXTRA_LARGE)),),
    zoom: (st.sampled_from((0.4, 3.0)), st.sampled_from((40, 230))),
    resize: (st.sampled_from((300, 813)), st.sampled_from((160, 618))),
    say: (st.sampled_from(("en", "zh_CN")),),
    in_grid: (st.booleans(),),
}
PATHS = st.lists(
    st.one_of(*(st.tuples(st.just(step), *inputs) for step, inputs in STEPS.items())), min_size=2, max_size=6
)


def shown(marks: Marks) -> dict[str, tuple[object, bytes]]:
    """Where each mark stands, and its picture."""
    found = {}
    for key, mark in marks._marks.items():
        area = mark.box.toAlignedRect()
        image = QImage(area.size(), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        with QPainter(image) as painter:
            painter.translate(-area.topLeft())
            mark.draw(painter)
        found[key] = mark.box.getRect(), bytes(image.constBits())
    return found


def placed_anew(chart: FlowChart) -> list[dict[str, tuple[object, bytes]]]:
    """What the same plot shows where nothing has been placed before."""
    plot, anew = chart.plot, Annotations(chart.plot)
    anew.dragged = chart.notes.dragged
    kept = plot.marks, plot.tags
    plot.marks, plot.tags = Marks(plot.touches), Marks(plot.touches)
    anew.place()
    found = [shown(marks) for marks in (plot.marks, plot.tags)]
    plot.marks, plot.tags = kept
    return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS)
@example(path=[(show, (243, 7, lift, THRESHOLD, True, True)) for lift in (0.0, 4e5)])
@example(path=[(drag, to) for to in (-1e8, -4e7, None)])
@pytest.mark.usefixtures("english")
def test_marks_are_what_placing_them_anew_gives(
    chart: FlowChart, path: list[tuple[Callable[..., None], object]]
) -> None:
    for step, *inputs in path:
        step(chart, *inputs)
        settle()
        assert [shown(marks) for marks in (chart.plot.marks, chart.plot.tags)] == placed_anew(chart)
