"""What the window remembers: one INI file, typed sections, a version. `WANGRID_CONFIG_DIR` moves it (tests do)."""

from __future__ import annotations

import locale
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QSettings

CONFIG_DIR_VARIABLE = "WANGRID_CONFIG_DIR"
VERSION = 1


def config_dir() -> Path:
    """The folder of the user's settings."""
    given = os.environ.get(CONFIG_DIR_VARIABLE)
    return Path(given) if given else Path(platformdirs.user_config_dir("wangrid", appauthor=False))


@dataclass(frozen=True)
class WindowSettings:
    """How the window looks."""

    lang: str = ""  # "" follows the system
    theme: str = "light"
    page: str = "map"
    scale: str = "auto"  # auto, 1, 1.25, 1.5, 2
    geometry: str = ""  # Qt's own bytes, base64


@dataclass(frozen=True)
class BaseMapSettings:
    """The raster base map under our layers; the key is the user's own."""

    kind: str = "none"  # none, xyz, wmts, mbtiles, geotiff
    url: str = ""
    layer: str = "vec"  # of Tianditu: vec, img, ter
    key: str = ""
    path: str = ""
    credit: str = ""
    gcj02: bool = False  # tiles are drawn in GCJ-02: shift them back for display


@dataclass(frozen=True)
class MapSettings:
    """What the map shows."""

    hidden: str = ""  # comma-separated class codes and layer keys


Section = WindowSettings | BaseMapSettings | MapSettings
_NAMES: dict[type, str] = {WindowSettings: "window", BaseMapSettings: "base_map", MapSettings: "map"}


class Settings:
    """Typed access to the INI file; a value that does not fit its type gives the default."""

    def __init__(self, folder: Path | None = None, *, remember: bool = True) -> None:
        """`remember=False` reads what is there and writes nothing: a picture leaves no trace."""
        folder = folder or config_dir()
        self.file = folder / "desktop.ini"
        self._remember = remember
        self._ini = QSettings(str(self.file), QSettings.Format.IniFormat)
        if remember:
            folder.mkdir(parents=True, exist_ok=True)
            self._ini.setValue("version", VERSION)

    def load(self, section: type[Any]) -> Any:
        """One section as its frozen dataclass."""
        name = _NAMES[section]
        values = {}
        for item in fields(section):
            raw = self._ini.value(f"{name}/{item.name}")
            if raw is not None:
                values[item.name] = str(raw) == "true" if isinstance(item.default, bool) else str(raw)
        return section(**values)

    def save(self, section: Section) -> None:
        """Write one section."""
        if not self._remember:
            return
        name = _NAMES[type(section)]
        for key, value in asdict(section).items():
            self._ini.setValue(
                f"{name}/{key}", ("true" if value else "false") if isinstance(value, bool) else value
            )
        self._ini.sync()

    def change(self, section: type[Any], **values: object) -> Any:
        """Load, replace, save; gives the new section."""
        changed = replace(self.load(section), **values)
        self.save(changed)
        return changed

    def shortcuts(self) -> dict[str, str]:
        """The user's own keys: action id → key sequence."""
        self._ini.beginGroup("shortcuts")
        own = {key: str(self._ini.value(key)) for key in self._ini.childKeys()}
        self._ini.endGroup()
        return own

    def set_shortcut(self, action_id: str, keys: str | None) -> None:
        """Remember a key of the user's own; None goes back to the default."""
        if keys is None:
            self._ini.remove(f"shortcuts/{action_id}")
        else:
            self._ini.setValue(f"shortcuts/{action_id}", keys)
        self._ini.sync()


def system_language() -> str:
    """`zh_CN` where the system speaks Chinese or says nothing, else `en`."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or (locale.getlocale()[0] or "")
    return "en" if spoken.lower().startswith("en") else "zh_CN"
