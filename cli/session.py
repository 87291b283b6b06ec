"""What every verb shares: the global options, the store, progress, and how an end is told."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.telling import told
from kernel.errors import Refused, WrongUsage
from kernel.progress import Watched
from resources.texts import LANGUAGES

if TYPE_CHECKING:
    from data.store import Store

FLAGS = {"--json": "json", "--yes": "yes", "-y": "yes"}
VALUES = {"--store": "store", "--lang": "lang", "--as": "actor"}


@dataclass(frozen=True)
class Globals:
    """The global options, wherever they stood among the words."""

    store: str = ""
    json: bool = False
    lang: str = ""
    actor: str = ""
    yes: bool = False
    without_value: str = ""  # the option that was given, but not its value


def split_globals(words: list[str]) -> tuple[Globals, list[str]]:
    """Take the global options out of `words`, before or after the verb, as `--x V` or `--x=V`."""
    taken: dict[str, Any] = {}
    rest: list[str] = []
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        name, equals, value = word.partition("=")
        if word in FLAGS:
            taken[FLAGS[word]] = True
        elif name in VALUES:
            if not equals and waiting and not waiting[-1].startswith("--"):
                value = waiting.pop()
            taken |= {VALUES[name]: value} if value else {"without_value": name}
        elif word == "--":
            rest += [word, *reversed(waiting)]
            break
        else:
            rest.append(word)
    return Globals(**taken), rest


def default_store() -> str:
    """The embedded store in the user's data directory; `WANGRID_STORE` names another."""
    if os.environ.get("WANGRID_STORE"):
        return os.environ["WANGRID_STORE"]
    from platformdirs import user_data_path

    return str(user_data_path("wangrid", appauthor=False) / "city.wangrid")


def system_language() -> str:
    """`zh_CN` where the environment speaks Chinese, else `en`."""
    spoken = os.environ.get("WANGRID_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return "zh_CN" if spoken.lower().startswith("zh") else "en"


@dataclass
class Session:
    """One call of the command line, from its words to its answer."""

    globals: Globals
    answered: bool = field(default=False, init=False)

    @property
    def lang(self) -> str:
        """Language of messages: `--lang`, else the system's."""
        return self.globals.lang if self.globals.lang in LANGUAGES else system_language()

    def require_sound(self) -> None:
        """Raise `WrongUsage` where a global option has no value or none that we know.

        `--store ""` is not the default store: a script whose variable is empty must not write there.
        """
        if self.globals.without_value:
            raise WrongUsage("{option} needs a value.", remedy="Write it behind the option.",
                             option=self.globals.without_value)  # fmt: skip
        if self.globals.lang and self.globals.lang not in LANGUAGES:
            raise WrongUsage("There is no language {lang}.", remedy="Use one of: {languages}.",
                             lang=self.globals.lang, languages=", ".join(LANGUAGES))  # fmt: skip

    @property
    def actor(self) -> str:
        """Who acts: `--as`, else the login name."""
        if self.globals.actor:
            return self.globals.actor
        return os.environ.get("USER") or os.environ.get("USERNAME") or "operator"

    @property
    def store_url(self) -> str:
        """Path or `postgresql://` of the store this call is about."""
        return self.globals.store or default_store()

    def words(self, template: str, **places: object) -> str:
        """`template` in the user's language."""
        from resources.texts import words

        return words(self.lang, template, **places)

    @contextmanager
    def store(self, *, create: bool = False, standard: str | None = None) -> Iterator[Store]:
        """The store, open for this call; `create` makes an embedded one that does not exist."""
        from data import store as stores

        new = create and not self.store_url.startswith("postgres") and not self.store_exists()
        opened = stores.open(self.store_url, create=create, standard=standard, actor=self.actor)
        try:
            yield opened
        except BaseException:
            new = new and opened.info(with_hash=False).data_version == 0
            opened.close()
            if new:
                self._remove_store()
            raise
        opened.close()

    def _remove_store(self) -> None:
        """Take back a file that this call made and wrote nothing into: a refusal leaves nothing behind."""
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(self.store_url + ending).unlink(missing_ok=True)

    @contextmanager
    def store_for_dry_run(self, standard: str | None = None) -> Iterator[Store]:
        """The store if it exists, else an empty one in memory that leaves no file."""
        from data import store as stores

        if self.store_exists():
            with self.store() as opened:
                yield opened
            return
        opened = stores.open(":memory:", create=True, standard=standard, actor=self.actor)
        try:
            yield opened
        finally:
            opened.close()

    def store_exists(self) -> bool:
        """Whether a store is there, a file or on a server that answers."""
        from data import store as stores

        return stores.exists(self.store_url)

    def consent(self, template: str, option: str = "--yes", **places: object) -> None:
        """Go on only with `--yes`, or after asking on a terminal; otherwise end 3 and name the option."""
        if self.globals.yes:
            return
        if not self.globals.json and sys.stdin.isatty() and sys.stderr.isatty():
            sys.stderr.write(self.words(template, **places) + " [y/N] ")
            sys.stderr.flush()
            if sys.stdin.readline().strip().lower() in ("y", "yes", "是"):
                return
        raise Refused(template, remedy="Give {option} to agree.", option=option, **places)

    @contextmanager
    def progress(self) -> Iterator[Watched]:
        """Progress on stderr where that is a terminal; Ctrl-C cancels cleanly."""
        bar = _Bar(self.words) if sys.stderr.isatty() and not self.globals.json else None
        watched = Watched(bar.show if bar else _unseen)
        before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, lambda *_: watched.cancel())
        try:
            yield watched
        finally:
            signal.signal(signal.SIGINT, before)
            if bar:
                bar.clear()

    def answer(self, response: Any, *, human: Callable[[dict[str, Any]], str] | None = None) -> None:
        """Print the one answer: JSON with `--json`, else words."""
        values = as_json(response)
        self.answered = True
        if self.globals.json:
            print(json.dumps(values, ensure_ascii=False, allow_nan=False))
        elif human is not None:
            print(human(values))
        else:
            print(told(values, self.lang))

    def answer_with_findings(self, done: Any) -> int:
        """Print the figures of an import of a list and its `details` in the user's language; the exit code."""
        found = [self._in_words(row) for row in done.details.to_dict("records")]
        values = {name: as_json(value) for name, value in vars(done).items() if name != "details"}
        self.answer(values | {"details": as_json(found)} if self.globals.json else values)
        if not self.globals.json:
            for row in found:
                print(f"  {row['file']}, {row['row']}: {row['code']} {row['message']} → {row['remedy']}")
        return 1 if done.quarantined else 0

    def _in_words(self, finding: dict[Any, Any]) -> dict[str, Any]:
        places = {str(name): value for name, value in finding.items()}
        return places | {name: self.words(places[name], **places) for name in ("message", "remedy")}


class _Bar:
    """A line on the terminal, drawn from the second second on."""

    def __init__(self, words: Callable[..., str]) -> None:
        import time

        self._words = words
        self._clock = time.monotonic
        self._begun = self._clock()
        self._drawn = False

    def show(self, share: float, template: str, places: dict[str, object]) -> None:
        """Draw the bar in place."""
        if self._clock() - self._begun < 1.0:
            return
        filled = int(share * 24)
        text = self._words(template, **places) if template else ""
        sys.stderr.write(f"\r\x1b[2K[{'#' * filled}{'.' * (24 - filled)}] {share:4.0%} {text}")
        sys.stderr.flush()
        self._drawn = True

    def clear(self) -> None:
        """Leave the line empty."""
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def _unseen(share: float, template: str, places: dict[str, object]) -> None:
    """Progress without a terminal is not shown."""


def as_json(value: Any) -> Any:
    """`value` as what JSON knows: dataclasses and frames unfolded, NaN as null, numpy scalars as numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_json(asdict(value))
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(item) for item in value]
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return as_json(value.to_dict("records"))
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        return as_json(value.item())
    if isinstance(value, float):
        return value if value - value == 0 else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
