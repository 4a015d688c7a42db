"""The style sheet: what Fusion cannot learn from a palette."""

from __future__ import annotations

SHEET = """
QMainWindow, QDialog, QStatusBar, QToolBar { background: %(bg)s; }
QDialog { background: %(panel)s; }
QWidget[surface="bg"] { background: %(bg)s; }
QWidget[surface="panel"] { background: %(panel)s; }
QWidget[surface="raised"] { background: %(raised)s; }
QToolBar { border: 0; spacing: 8px; }
QStatusBar { border-top: 1px solid %(line)s; color: %(dim)s; }
QStatusBar::item { border: 0; }
QSplitter::handle { background: %(line)s; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QMainWindow::separator { background: %(bg)s; width: 4px; height: 4px; }
QMainWindow::separator:hover { background: %(line2)s; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QLabel[role="dim"] { color: %(dim)s; }
QLabel[role="faint"] { color: %(faint)s; }
QLabel[role="trouble"] { color: %(alert_text)s; }

QPushButton, QToolButton, QRadioButton, QCheckBox { outline: 0; }
QPushButton, QToolButton[look="button"] {
    background: %(raised)s; color: %(text)s; border: 1px solid %(line2)s; border-radius: 6px;
    padding: 5px 14px; min-height: %(line_px)spx;
}
QPushButton:hover, QToolButton[look="button"]:hover { border-color: %(faint)s; }
QPushButton:pressed { background: %(line)s; }
QPushButton:disabled { color: %(faint)s; border-color: %(line)s; }
QPushButton:focus { border: 2px solid %(accent)s; padding: 4px 13px; }
QPushButton[look="primary"], QPushButton:default {
    background: %(accent)s; color: %(on_accent)s; border: 1px solid %(accent)s;
}
QPushButton[look="primary"]:disabled { background: %(line2)s; border-color: %(line2)s; color: %(dim)s; }
QPushButton[look="primary"]:focus, QPushButton:default:focus { border: 2px solid %(text)s; padding: 4px 13px; }
QPushButton[look="link"], QToolButton[look="link"] {
    background: transparent; border: 0; color: %(accent)s; font-weight: 600; padding: 2px 4px; min-height: 0;
}
QPushButton[look="link"]:disabled { color: %(faint)s; }
QPushButton[look="link"]:hover, QToolButton[look="link"]:hover { text-decoration: underline; }
QPushButton[look="link"]:focus, QToolButton[look="link"]:focus {
    border: 2px solid %(accent)s; border-radius: 4px; padding: 0 2px;
}
QToolButton { background: transparent; border: 0; border-radius: 6px; padding: 4px; color: %(text)s; }
QToolButton:hover { background: %(raised)s; }
QToolButton:focus { border: 2px solid %(accent)s; padding: 2px; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton:disabled { color: %(faint)s; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QComboBox {
    background: %(panel)s; color: %(text)s; border: 1px solid %(line2)s; border-radius: 6px; padding: 5px 9px;
    selection-background-color: %(accent)s; selection-color: %(on_accent)s;
}
QDateEdit QLineEdit { border: 0; padding: 0; background: transparent; }
QDateEdit::up-button, QDateEdit::down-button { border: 0; width: 0; }
QLineEdit, QPlainTextEdit, QTextEdit { placeholder-text-color: %(faint)s; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateEdit:focus,
QComboBox:focus {
    border: 2px solid %(accent)s; padding: 4px 8px;
}
QLineEdit:disabled, QComboBox:disabled { color: %(faint)s; border-color: %(line)s; background: %(raised)s; }
QLineEdit:disabled { placeholder-text-color: %(line2)s; }
QLineEdit[fault="true"] { border-color: %(alert_text)s; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox QAbstractItemView {
    background: %(raised)s; color: %(text)s; border: 1px solid %(line2)s; outline: 0;
    selection-background-color: %(line2)s; selection-color: %(text)s;
}

QMenu { background: %(raised)s; color: %(text)s; border: 1px solid %(line2)s; border-radius: 6px; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 14px; border-radius: 4px; }
QMenu::item:selected { background: %(line2)s; }
QMenu::item:disabled { color: %(faint)s; }
QMenu::separator { height: 1px; background: %(line2)s; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QMenuBar { background: %(bg)s; color: %(text)s; }
QMenuBar::item:selected { background: %(raised)s; }
QToolTip { background: %(raised)s; color: %(text)s; border: 1px solid %(line2)s; padding: 5px 8px; }

QRadioButton, QCheckBox { spacing: 9px; border: 2px solid transparent; border-radius: 5px; padding: 1px 4px 1px 1px; }
QRadioButton:focus, QCheckBox:focus { border-color: %(accent)s; }
QRadioButton::indicator, QCheckBox::indicator, QAbstractItemView::indicator {
    width: %(box_px)spx; height: %(box_px)spx;
}
QRadioButton::indicator, QCheckBox::indicator:unchecked, QAbstractItemView::indicator:unchecked {
    border: 1px solid %(faint)s; background: %(panel)s;
}
QRadioButton::indicator { border-radius: %(round_px)spx; }
QCheckBox::indicator:unchecked, QAbstractItemView::indicator:unchecked { border-radius: 4px; }
QRadioButton::indicator:checked {
    width: %(tick_px)spx; height: %(tick_px)spx; border: %(rim_px)spx solid %(accent)s; background: %(on_accent)s;
}
QRadioButton::indicator:checked:disabled { border-color: %(faint)s; }

QTabWidget::pane { border: 0; }
QTabBar { background: transparent; border: 0; qproperty-drawBase: 0; }
QTabBar::tab {
    background: transparent; color: %(dim)s; border: 0; border-bottom: 2px solid transparent;
    padding: 10px 0 8px 0; margin-right: 22px; min-height: %(line_px)spx;
}
QTabBar::tab:hover { color: %(text)s; }
QTabBar::tab:disabled { color: %(line2)s; }
QTabBar::tab:selected { color: %(text)s; border-bottom-color: %(text)s; }
QTabBar::tab:focus { color: %(accent)s; }
QTabBar[look="docks"]::tab { margin: 0 10px 0 12px; padding: 5px 0 4px 0; }

QAbstractItemView { background: %(panel)s; border: 0; outline: 0; gridline-color: %(line)s; }
QDialog QListWidget, QDialog QTableView { border: 2px solid transparent; border-radius: 6px; }
QDialog QListWidget:focus, QDialog QTableView:focus { border-color: %(accent)s; }
QDialog QTableView::item { padding: 0 3px; }
QAbstractItemView::item:selected { background: %(raised)s; color: %(text)s; }
QHeaderView { background: %(panel)s; border: 0; }
QHeaderView::section {
    background: %(panel)s; color: %(dim)s; border: 0; border-bottom: 1px solid %(line)s; padding: 0 6px;
}
QTableCornerButton::section { background: %(panel)s; border: 0; }

QScrollBar { background: transparent; border: 0; }
QScrollBar:vertical { width: 10px; margin: 0; }
QScrollBar:horizontal { height: 10px; margin: 0; }
QScrollBar::handle { background: %(line2)s; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: %(faint)s; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QFrame[look="card"] { background: %(raised)s; border: 1px solid %(line)s; border-radius: 8px; }
QFrame[look="popup"] { background: %(panel)s; border: 1px solid %(line2)s; }
QFrame[look="ring"] { border: 2px solid %(accent)s; background: transparent; }
QFrame[look="hairline"] { background: %(line)s; border: 0; max-height: 1px; min-height: 1px; }
QFrame[look="segments"] { background: %(panel)s; border: 1px solid %(line2)s; border-radius: 7px; }
QFrame[look="segments"] QToolButton {
    color: %(dim)s; border: 1px solid transparent; border-radius: 5px; padding: 2px 8px; font-weight: 500;
}
QFrame[look="segments"] QToolButton:hover { color: %(text)s; background: transparent; }
QFrame[look="segments"] QToolButton:checked {
    color: %(text)s; background: %(raised)s; border-color: %(line2)s; font-weight: 600;
}
QFrame[look="segments"] QToolButton:focus { border: 2px solid %(accent)s; padding: 1px 7px; }
QProgressBar { background: %(line)s; border: 0; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: %(dim)s; border-radius: 2px; }
"""
