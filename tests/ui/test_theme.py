"""The colours keep their promises: contrast computed from the tokens, and swaps that swap nothing else."""

from __future__ import annotations

from dataclasses import fields

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDialog,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTableView,
    QTableWidget,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MEDIUM, NET, SMALL
from capflow_gui.domain.lists.groups import COLORS
from capflow_gui.ui.layouts import push_button, stacked, text_label
from capflow_gui.ui.theme import Role, Theme, apply_theme, build_theme, contrast, dress, mix

LOOKS = [(scheme, palette) for scheme in ("dark", "light") for palette in ("green_up", "red_up", "colour_blind")]
COLOR_ROLES = [field.name for field in fields(Theme) if field.name not in ("scheme", "palette", "font_scale", "faces")]


@pytest.fixture(params=LOOKS, ids="-".join)
def look(request: pytest.FixtureRequest) -> Theme:
    return build_theme(*request.param)


def test_contrast_is_the_ratio_of_the_web_guidelines() -> None:
    assert contrast(QColor("#000000"), QColor("#ffffff")) == pytest.approx(21.0)
    assert contrast(QColor("#777777"), QColor("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("role", ["text", "dim", "faint", "up", "down", "alert_text", "accent", "none"])
def test_text_reads_on_the_panel(look: Theme, role: str) -> None:
    assert contrast(getattr(look, role), look.panel) >= 4.5


@pytest.mark.parametrize("role", ["text", "dim", "up", "down", "alert_text"])
def test_text_reads_where_else_it_is_used(look: Theme, role: str) -> None:
    assert contrast(getattr(look, role), look.raised) >= 4.5
    assert contrast(getattr(look, role), look.bg) >= 4.5


@pytest.mark.parametrize("role", ["up", "down"])
@pytest.mark.parametrize("selected", [False, True])
def test_direction_reads_on_the_alert_tint(look: Theme, role: str, selected: bool) -> None:
    share = (0.05 if selected else 0.12) if look.dark else (0.13 if selected else 0.18)
    row = mix(look.alert, look.raised if selected else look.panel, share)
    assert contrast(getattr(look, role), row) >= 4.5


@pytest.mark.parametrize("role", ["extra_large", "large", "medium", "small", "text", "alert_text", "up", "down"])
def test_curves_and_marks_stand_out(look: Theme, role: str) -> None:
    future = mix(look.bg, look.panel, 0.33)
    for ground in (look.panel, look.raised, future):
        assert contrast(getattr(look, role), ground) >= 3.0


@pytest.mark.parametrize("name", COLORS)
def test_colours_of_groups_read_as_text_on_every_ground_of_tabs_and_lists(look: Theme, name: str) -> None:
    for ground in (look.panel, look.raised, look.bg):
        assert contrast(look.group(name), ground) >= 4.5


@pytest.mark.parametrize("column", [NET, EXTRA_LARGE, LARGE, MEDIUM, SMALL])
def test_curve_names_read_as_text(look: Theme, column: int) -> None:
    assert contrast(look.curve_name(column), look.panel) >= 4.5
    assert contrast(look.curve_name(column), mix(look.bg, look.panel, 0.33)) >= 4.5


def test_ink_reads_on_the_alert_fill(look: Theme) -> None:
    assert contrast(look.alert_ink, look.alert) >= 7


def test_red_up_swaps_two_values_and_nothing_else() -> None:
    green, red = build_theme("dark", "green_up"), build_theme("dark", "red_up")
    assert (red.up, red.down) == (green.down, green.up)
    assert all(getattr(red, role) == getattr(green, role) for role in COLOR_ROLES if role not in ("up", "down"))


def test_direction_is_earned_by_truth() -> None:
    theme = build_theme()
    assert theme.direction(3.0) == theme.up
    assert theme.direction(-3.0) == theme.down
    assert theme.direction(0.0) == theme.none
    assert theme.direction(float("nan")) == theme.none
    assert theme.direction(-3.0, true=False) == theme.none


def test_the_bundled_font_is_used_with_equal_figures(theme: Theme) -> None:
    font = theme.font(Role.CHART_NET)
    assert QFontInfo(font).family() == "Inter"
    metrics = QFontMetricsF(font)
    assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("8888"))
    assert QFontMetricsF(theme.font(Role.CAPTION)).height() < metrics.height()


def test_the_font_scale_grows_every_role_and_nothing_is_below_eight_points() -> None:
    small, plain, large = (build_theme(font_scale=scale) for scale in (0.5, 1.0, 1.5))
    for role in Role:
        assert large.font(role).pointSizeF() > plain.font(role).pointSizeF()
        assert small.font(role).pointSizeF() >= 8.0


def test_a_theme_holds_for_new_widgets(qapp: QApplication) -> None:
    light = build_theme("light")
    apply_theme(qapp, light)
    try:
        assert QPushButton().palette().button().color() == light.raised
        assert light.accent.name() in qapp.styleSheet()
        assert QCoreApplication.instance() is qapp
    finally:
        qapp.setStyleSheet("")


def test_a_list_or_table_of_a_dialog_shows_that_it_has_the_keyboard(theme: Theme, qtbot: QtBot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    views = [QListWidget(dialog), QTableView(dialog), QDateEdit(dialog)]
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    for view in views:
        view.clearFocus()
        before = view.grab().toImage().pixelColor(0, view.height() // 2)
        view.setFocus()
        focused = view.grab().toImage().pixelColor(0, view.height() // 2)
        assert focused == theme.accent != before


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_what_an_empty_field_says_can_be_read(scheme: str, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = build_theme(scheme, "green_up", 2.0)
    apply_theme(app, theme)
    field = QLineEdit()
    qtbot.addWidget(field)
    field.setPlaceholderText("IIII")
    image = field.grab().toImage()
    inked = [image.pixelColor(x, image.height() // 2) for x in range(12, 60)]
    app.setStyleSheet("")
    assert max(contrast(color, theme.panel) for color in inked) >= 4.4


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_frame_of_a_ticked_box_is_seen_as_well_as_that_of_an_empty_one(scheme: str, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = build_theme(scheme)
    apply_theme(app, theme)
    frames = []
    for ticked in (False, True):
        box = QCheckBox("Sound")
        qtbot.addWidget(box)
        box.setChecked(ticked)
        image = box.grab().toImage()
        left = [contrast(image.pixelColor(x, image.height() // 2), theme.panel) for x in range(5)]
        frames.append(max(left))
    app.setStyleSheet("")
    assert min(frames) >= 3.0
    assert frames[0] == pytest.approx(frames[1], abs=0.3)


@pytest.mark.parametrize("ratio", [1.0, 1.5])
@pytest.mark.parametrize("text", ["−12.3M", "+1,234.5K", "−3.21%", "净流入", "much too wide for it"])
def test_text_at_the_right_looks_as_qt_draws_it_into_a_rectangle(theme: Theme, text: str, ratio: float) -> None:
    face, area = theme.face(Role.ROW_NET), QRectF(10.5, 3, 120.25, 44)
    pictures = []
    for ours in (True, False):
        picture = QImage(round(160 * ratio), round(60 * ratio), QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.panel)
        with QPainter(picture) as painter:
            painter.setPen(theme.text)
            if ours:
                face.draw_right(painter, area, text)
            else:
                painter.setFont(face.font)
                painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        pictures.append(picture)
    assert pictures[0] == pictures[1]


def test_buttons_of_a_box_have_words_alone(theme: Theme, qtbot: QtBot) -> None:
    apply_theme(QApplication.instance(), theme)
    box = QMessageBox(QMessageBox.Icon.Critical, "Capflow", "Why", QMessageBox.StandardButton.Ok)
    qtbot.addWidget(box)
    box.ensurePolished()
    box.show()
    assert [button.icon().isNull() for button in box.buttons()] == [True]


class _Styled(QObject):
    """Notes the widgets that are styled anew."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.seen: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let everything pass."""
        if event.type() is QEvent.Type.StyleChange:
            self.seen.append(watched)
        return False


def _one_of_each() -> QWidget:
    page = QWidget()
    page.setProperty("surface", "panel")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    own = text_label("Its own sheet", page)
    own.setStyleSheet("QLabel { padding: 3px; font-weight: 700; }")
    sized = text_label("Its own font", page)
    sized.setFont(build_theme().font(Role.TITLE))
    table = QTableWidget(2, 2, page)
    table.setStyleSheet("QTableView::item { padding: 0 5px; }")
    box = QComboBox(page)
    box.addItems(["One", "Two"])
    ticked = QCheckBox("Ticked", page)
    ticked.setChecked(True)
    tabs = QTabWidget(page)
    for name in ("First", "Second"):
        tabs.addTab(QLineEdit(name), name)
    labels = [text_label(f"Label {number}", page, role="dim") for number in range(30)]
    stacked(
        *(own, sized, table, box, ticked, tabs, QRadioButton("Round", page), QSpinBox(page), QDateEdit(page)),
        *(push_button("Plain", page), push_button("Primary", page, "primary"), push_button("Link", page, "link")),
        *labels,
        of=page,
    )
    return page


def test_another_style_sheet_is_put_on_in_steps_and_looks_as_if_made_in_it(theme: Theme, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    page = _one_of_each()
    qtbot.addWidget(page)
    page.show()
    QApplication.processEvents()
    every = {page, *page.findChildren(QWidget)}
    light = build_theme("light", font_scale=1.25)
    styled = _Styled(page)
    for each in every:
        each.installEventFilter(styled)
    most = 0
    for _step in dress(app, light):
        most, styled.seen = max(most, len(styled.seen)), []
        QApplication.processEvents()
    assert 0 < most <= 40 < len(every), "no step styles all of them"
    made_in_it = _one_of_each()
    qtbot.addWidget(made_in_it)
    made_in_it.show()
    QApplication.processEvents()
    for each in (page, made_in_it):
        each.resize(made_in_it.sizeHint())
    assert page.sizeHint() == made_in_it.sizeHint()
    assert page.grab().toImage() == made_in_it.grab().toImage()
    assert page.grab().toImage().pixelColor(1, 1) == light.panel
