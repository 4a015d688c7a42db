"""How wide the columns of the watchlist are, and which of them give way in a narrow table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from capflow_gui.ui.models.columns import DEFAULT, Column, ColumnChoice
from capflow_gui.ui.models.figures import Figures, Look
from capflow_gui.ui.shapes import pill_size
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.watchlist.cells import GAP, LEFT, TEXT_COLUMNS, RowStyle, cell_text
from capflow_gui.ui.words import pill_texts, source_label

# Widths at 100 %; the symbol takes what is left up to a bound, the sparkline the rest.
WIDTHS = {
    Column.SYMBOL: 162,
    Column.ALERT: 116,
    Column.TODAY: 119,
    Column.NET: 104,
    Column.MAIN: 84,
    Column.EXTRA_LARGE: 96,
    Column.LARGE: 84,
    Column.MEDIUM: 84,
    Column.SMALL: 84,
    Column.TURNOVER: 92,
    Column.DELTA: 80,
    Column.MIX: 82,
    Column.LEVEL: 72,
    Column.PRICE: 84,
    Column.CHANGE: 72,
    Column.TRADED: 92,
    Column.SOURCE: 84,
    Column.AGE: 60,
}
NEEDED_SYMBOL = 178
MOST_SYMBOL = 240
LEAST_SYMBOL = 40
LEAST_TODAY = 64
_ARROW = 16
# What a narrow table does without, first to last; then the columns that are not of DEFAULT, the last of them first.
OPTIONAL = (Column.CHANGE, Column.MIX, Column.DELTA)
KEPT = (Column.SYMBOL, Column.NET, Column.TURNOVER, Column.AGE)


def fitted(choice: ColumnChoice, room: int, px: Callable[[float], int]) -> dict[Column, int]:
    """The widths in pixels of the columns that are shown in `room` pixels, in order.

    `px` turns pixels at 100 % into pixels. Widths set by hand are kept as long as the columns of KEPT have room.
    """
    widths = {column: px(choice.widths.get(column, WIDTHS[column])) for column in choice.order}
    further = [column for column in reversed(choice.order) if column not in DEFAULT]
    for column in (*OPTIONAL, *further):
        if sum(widths.values()) > room:
            widths.pop(column, None)
    least = px(LEAST_TODAY if Column.TODAY in widths else 0)
    if sum(widths.values()) - widths.get(Column.TODAY, 0) + least > room:
        widths = {column: min(width, px(WIDTHS[column])) for column, width in widths.items()}
    return _filled(choice, widths, room, px)


def _filled(
    choice: ColumnChoice, widths: dict[Column, int], room: int, px: Callable[[float], int]
) -> dict[Column, int]:
    """Symbol and sparkline share what the others leave, as far as their widths were not set by hand."""
    rest = room - sum(widths.values()) + widths[Column.SYMBOL] + widths.get(Column.TODAY, 0)
    symbol, today = widths[Column.SYMBOL], widths.get(Column.TODAY, 0)
    if Column.SYMBOL not in choice.widths:
        if today == 0 or Column.TODAY in choice.widths:
            symbol = rest - today
        else:
            # A narrow sparkline gives its room to the pill beside the code, then all of it; a wide one takes the slack.
            symbol = min(max(rest - today, px(NEEDED_SYMBOL)), px(MOST_SYMBOL))
            symbol = min(symbol, max(rest - px(LEAST_TODAY), widths[Column.SYMBOL]))
    if Column.TODAY in widths:
        today = rest - symbol if Column.TODAY not in choice.widths else min(today, rest - symbol)
        if today <= (0 if Column.TODAY in choice.widths else px(LEAST_TODAY) - 1):
            del widths[Column.TODAY]
            symbol, today = rest if Column.SYMBOL not in choice.widths else min(symbol, rest), 0
        else:
            widths[Column.TODAY] = today
    widths[Column.SYMBOL] = max(min(symbol, rest), LEAST_SYMBOL)
    return widths


def needed_width(column: Column, rows: Sequence[Figures], style: RowStyle, theme: Theme) -> float | None:
    """The pixels that a column's cells need, its gap among them; None where any width will do."""
    if column is Column.ALERT:
        pills = [(texts[0], filled) for texts, filled in (pill_texts(each.row) for each in rows) if texts]
        return max((pill_size(text, theme, diamond=filled)[0] for text, filled in pills), default=0.0) + 2 * GAP
    if column is Column.SYMBOL:
        face, below = theme.face(Role.ROW_SYMBOL), theme.face(Role.SENTENCE)
        wide = (max(face.width(str(each.row.symbol)), below.width(each.row.name)) for each in rows)
        return LEFT + max(wide, default=0.0) + 2 * GAP
    if column is Column.SOURCE:
        return max((theme.face(Role.CELL).width(source_label(each.row.source)) for each in rows), default=0.0) + GAP
    if column is Column.NET:
        face, more = theme.face(Role.ROW_NET), theme.px(_ARROW)
    elif column in TEXT_COLUMNS:
        face, more = theme.face(Role.TURNOVER) if column is Column.TURNOVER else theme.sized_face(10, 600), 0
    else:
        return None
    figures = (each for each in rows if each.look is not Look.SENTENCE)
    return max((face.width(cell_text(column, each, style)) for each in figures), default=0.0) + more + 2 * GAP
