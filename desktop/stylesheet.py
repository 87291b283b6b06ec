"""The one style sheet, filled from the tokens. Both themes use it; only the palette differs."""

from __future__ import annotations

from dataclasses import asdict

from resources.fonts import FAMILY
from resources.styles import SIZES, Palette, mix

_SHEET = """
QWidget { font-family: "$family"; font-size: $body; color: $text; }
QMainWindow, QWidget#page, QWidget[ground="page"] { background: $ground; }
QToolTip { background: $card; color: $text; border: 1px solid $line; padding: 4px 8px; }

QLabel { background: transparent; }
QLabel[role="note"] { font-size: $note; color: $secondary; }
QLabel[role="key"] { color: $secondary; }
QLabel[role="title"] { font-size: $title; font-weight: 500; }
QLabel[role="page"] { font-size: $page; font-weight: 500; }
QLabel[role="figure"] { font-size: $page; }
QLabel[role="code"] { font-size: $title; }
QLabel[role="lead"] { font-size: $title; }
QLabel[role="link"] { color: $focus; }
QLabel[role="credit"] { font-size: $note; color: $secondary; background: $card; border-radius: 3px; padding: 0 6px; }
QLabel[role="small"] { font-size: $note; }
QLabel[tone="secondary"] { color: $secondary; }
QLabel[tone="alarm"] { color: $alarm; }
QLabel[tone="late"] { color: $late; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="done"] { color: $done; }
QLabel[tone="stale"] { color: $stale; }
QLabel[role="chip"] { background: $raised; border-radius: 10px; padding: 1px 8px; font-size: $note; }
QLabel[role="keys"] { font-size: $note; color: $secondary; border: 1px solid $line; border-radius: 3px;
  padding: 0 4px; background: $card; }

QFrame#card { background: $card; border: 1px solid $line; border-radius: 6px; }
QFrame#side { background: $card; }
QFrame#drawer { background: $card; border-left: 1px solid $line; }
QFrame#band { background: $card; border-bottom: 1px solid $line; }
QFrame#line { background: $line; border: none; }
QWidget#rail { background: $card; border-right: 1px solid $line; }
QWidget#statusbar { background: $card; border-top: 1px solid $line; }
QWidget#statusbar QLabel { font-size: $note; }
QFrame#messagebar { background: $message_bar; border-bottom: 1px solid $line; }
QWidget#dropzones { background: $ground; }
QFrame#dropzone { background: $card; border: 2px dashed $line; border-radius: 6px; }
QFrame#dropzone[hot="true"] { background: $selected_row; border-color: $focus; }
QFrame#notification { background: $card; border: 1px solid $line; border-radius: 6px; }
QFrame#raised { background: $raised; }

QPushButton { background: $card; border: 1px solid $line; border-radius: 4px; padding: 0 12px; min-height: 30px; }
QPushButton:hover { background: $ground; }
QPushButton:pressed, QPushButton:checked { background: $raised; }
QPushButton:focus { border: 2px solid $focus; padding: 0 11px; min-height: 28px; }
QPushButton:disabled { background: $raised; color: $stale; border-color: $raised; }
QPushButton[kind="primary"] { background: $focus; color: $on_focus; border-color: $focus; }
QPushButton[kind="primary"]:hover { background: $focus_strong; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $raised; color: $stale; border-color: $raised; }
QPushButton[kind="link"] { background: transparent; border: none; color: $focus; padding: 0 4px; min-height: 24px; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 2px solid $focus; padding: 0 2px; min-height: 20px; }
QPushButton[kind="link"]:disabled { color: $stale; background: transparent; }
QPushButton[kind="small"] { min-height: 26px; }
QPushButton[kind="small"]:focus { min-height: 24px; }

QToolButton { background: transparent; border: none; border-radius: 4px; padding: 0; }
QToolButton:hover { background: $raised; }
QToolButton:checked { background: $selected_row; }
QToolButton:focus { border: 2px solid $focus; }
QFrame#tools QToolButton { border-radius: 0; background: $card; min-width: 36px; min-height: 36px; }
QFrame#tools QToolButton:hover { background: $ground; }
QFrame#tools QToolButton:checked { background: $selected_row; }
QToolButton#rail { border-radius: 0; color: $secondary; font-size: $body; padding: 4px 0; }
QToolButton#rail:hover { background: $ground; }
QToolButton#rail:checked { color: $focus; background: transparent; border-left: 3px solid $focus; padding-right: 3px; }
QToolButton#rail:focus { border: 2px solid $focus; }

QWidget#tabs { background: $card; border-bottom: 1px solid $line; }
QTabBar, QTabBar::tab { background: $card; }
QTabBar::tab { color: $secondary; padding: 0 12px; height: 34px; border: none;
  border-bottom: 2px solid $card; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $focus; border-bottom: 2px solid $focus; }
QTabBar::tab:selected:focus { border: 2px solid $focus; padding: 0 10px; }

QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QKeySequenceEdit QLineEdit {
  background: $card; border: 1px solid $line; border-radius: 4px; padding: 0 8px; min-height: 30px;
  selection-background-color: $focus; selection-color: $on_focus; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {
  border: 2px solid $focus; padding: 0 7px; min-height: 28px; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { background: $raised; color: $stale; }
QLineEdit#search { border: none; background: transparent; padding: 0; }
QLineEdit#search:focus { border: none; padding: 0; min-height: 30px; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: url($chevron); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $card; border: 1px solid $line; outline: none;
  selection-background-color: $selected_row; selection-color: $text; padding: 4px 0; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 8px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; }
QCheckBox { spacing: 8px; background: transparent; min-height: 24px; }
QCheckBox::indicator, QListWidget#ticked::indicator { width: 14px; height: 14px; border: 1px solid $secondary; border-radius: 3px; background: $card; }
QCheckBox::indicator:checked, QListWidget#ticked::indicator:checked { background: $focus; border-color: $focus; image: url($tick); }
QCheckBox::indicator:disabled { background: $raised; border-color: $line; }
QListWidget#ticked { border: 1px solid $line; border-radius: 4px; background: $card; }
QListWidget#ticked::item { min-height: 24px; padding-left: 4px; }
QListWidget#ticked::item:selected { background: $selected_row; color: $text; }
QCheckBox:focus { border: 2px solid $focus; border-radius: 4px; }

QAbstractItemView { background: $card; border: none; outline: none; alternate-background-color: $card;
  selection-background-color: $selected_row; selection-color: $text; }
QTableView { gridline-color: $line; }
QTableWidget#choices::item { padding: 0 8px; }
QTreeView::branch { background: transparent; image: none; border-image: none; }
QAbstractItemView:focus { border: 2px solid $focus; }
QHeaderView { background: $card; }
QHeaderView::section { background: $card; color: $secondary; border: none; border-bottom: 1px solid $line;
  padding: 0 8px; font-size: $note; min-height: 29px; }
QTableCornerButton::section { background: $card; border: none; }
QScrollArea, QScrollArea > QWidget > QWidget#scrolled { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $handle; border-radius: 3px; margin: 2px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $stale; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $line; }
QProgressBar { background: $raised; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $focus; border-radius: 2px; }
QMenu { background: $card; border: 1px solid $line; padding: 4px 0; }
QMenu::item { padding: 6px 16px; }
QMenu::item:selected { background: $selected_row; }
QMenu::separator { height: 1px; background: $line; margin: 4px 0; }
QDialog, QMessageBox { background: $card; }
"""


def sheet(palette: Palette, chevron: str, tick: str) -> str:
    """The style sheet for one palette; `chevron` and `tick` are image files in the palette's colours."""
    values = {role: value for role, value in asdict(palette).items() if isinstance(value, str)}
    values |= {f"{name}": f"{pixels}px" for name, pixels in SIZES.desk.items()}
    values |= {
        "family": FAMILY,
        "chevron": chevron,
        "tick": tick,
        "on_focus": palette.card if palette.theme == "light" else palette.ground,
        "focus_strong": mix(palette.focus, palette.text, 0.2),
        "handle": mix(palette.line, palette.secondary, 0.25),
    }
    filled = _SHEET
    for name in sorted(values, key=len, reverse=True):
        filled = filled.replace(f"${name}", values[name])
    return filled
