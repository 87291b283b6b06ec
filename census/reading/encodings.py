"""Which encoding wrote these bytes? Answered from the bytes, with what the file declares as a witness only.

Witnesses, strongest first: text that is valid UTF-8 with bytes above 0x7F is UTF-8 (GBK text of more than a few
characters practically never is); text that only GBK can decode is GBK; where both decode, the words a census must
hold (class names, field names, states) decide, then the declaration.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from typing import Final

from census.reading.tables import Encoding, family_of
from kernel.errors import Refused

UTF8: Final = "UTF-8"
GBK: Final = "GBK"
CANDIDATES: Final = (UTF8, GBK, "GB18030", "BIG5")

# Language driver byte of dBASE files (offset 29) as shapefile writers use it.
LANGUAGE_BYTES: Final = {0x4D: GBK, 0x7A: GBK, 0x4F: "BIG5", 0x78: "BIG5", 0x57: "CP1252", 0x03: "CP1252"}

# The characters of daily use: the first plane of GB 2312 (lead bytes B0 … D7), of Big5 (A4 … C6).
_DAILY: Final = {
    "BIG5": frozenset(
        bytes((lead, trail)).decode("big5", errors="ignore")
        for lead in range(0xA4, 0xC7)
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    ),
    GBK: frozenset(
        bytes((lead, trail)).decode("gbk", errors="ignore")
        for lead in range(0xB0, 0xD8)
        for trail in range(0xA1, 0xFF)
    ),
}
_CLEARLY: Final = 0.2  # by how much a reading must be better Chinese than the declared or the usual one
_PLAIN: Final = 0.6  # from this certainty on, one encoding explains the whole file
_FEW: Final = 10
_TELLING: Final = 3  # so many texts are not valid UTF-8 by accident
_MOST_SAMPLES: Final = 4_000


def known_encoding(name: str, file: str = "") -> str:
    """Our name of the encoding `name`. Raises `Refused` when there is none."""
    try:
        plain = codecs.lookup(name.strip()).name
        "a".encode(plain)  # rot13 and its like turn texts into no bytes
    except (LookupError, ValueError):
        raise Refused(
            "There is no encoding called {encoding}.",
            remedy="Give a known one, for example --encoding GBK or --encoding UTF-8.",
            encoding=name,
            file=file or None,
        ) from None
    named = {"gbk": GBK, "utf8": UTF8}
    return named.get(family_of(plain), plain.upper()) if plain != "gb18030" else "GB18030"


def declared_by_cpg(text: str) -> str:
    """The encoding a `.cpg` file names, `""` when it names none that exists."""
    word = text.strip().strip("\x00").split("\n")[0].strip()
    for spelled in (word, f"cp{word}" if word.isdigit() else word, word.replace("ANSI ", "cp")):
        try:
            return known_encoding("utf-8" if spelled in ("cp65001", "65001") else spelled)
        except Refused:
            continue
    return ""


def declared_by_page(page: str) -> str:
    """The encoding that a drawing's code page names (`ANSI_936`), `""` for none that exists."""
    word = page.strip().lower().replace("ansi_", "cp").replace("dos", "cp")
    try:
        return known_encoding(word) if word else ""
    except Refused:
        return ""


def detect(samples: Iterable[bytes], declared: str = "", words: frozenset[str] = frozenset()) -> Encoding:
    """The encoding of `samples` (texts of one file, distinct ones are enough).

    `declared`: what .cpg or the language byte says, `""` for nothing. `words`: texts that a census is expected to
    hold. The answer's certainty is a share: 1 for text without any byte above 0x7F.
    """
    high = _with_high_bytes(samples)
    if not high:
        return Encoding(UTF8, 1.0, "plain ASCII", "")
    scores = {name: _score(high, name, words) for name in CANDIDATES}
    valid = {name: score for name, score in scores.items() if score[0] >= 0.98}
    if _is_utf8(valid, len(high)):
        return Encoding(UTF8, 1.0 if len(high) >= _TELLING else 0.9, "valid UTF-8 throughout", declared)
    if not valid:
        return _undecodable(scores, declared)
    best = max(valid, key=lambda name: (valid[name][1], -CANDIDATES.index(name)))
    usual = declared if declared in valid else GBK if GBK in valid else best
    if valid[best][1] < valid[usual][1] + _CLEARLY or len(high) < _FEW:
        best = usual
    return Encoding(best, _certainty(best, valid, declared), _evidence(valid[best]), declared)


def detect_lines(lines: Sequence[bytes], words: frozenset[str] = frozenset()) -> Encoding:
    """As `detect`, for a file whose lines may come from two programs: then the encoding of most of them."""
    found = detect(lines, "", words)
    if found.certainty >= _PLAIN and found.name != "GB18030":  # which decodes many a line of UTF-8, too
        return found
    high = _with_high_bytes(lines)
    names = [of_line(line, GBK) for line in high]
    if any(_text(line, name) is None for line, name in zip(high, names, strict=True)):
        return found
    most = max((UTF8, GBK), key=names.count)
    return Encoding(most, round(names.count(most) / len(names), 2), "most lines; others have another one")


def _is_utf8(valid: dict[str, tuple[float, float]], samples: int) -> bool:
    if UTF8 not in valid:
        return False
    others = [read for name, (_, read) in valid.items() if name != UTF8]
    share, read = valid[UTF8]
    return not others or (share == 1.0 and (samples >= _TELLING or read > max(others)))


def _with_high_bytes(samples: Iterable[bytes]) -> list[bytes]:
    """The samples that say something, thinned evenly when there are very many."""
    high = [sample for sample in samples if not sample.isascii()]
    return high[:: max(1, len(high) // _MOST_SAMPLES)]


def _score(samples: list[bytes], encoding: str, words: frozenset[str]) -> tuple[float, float]:
    """Share of samples that decode (a cut last character is forgiven), and how Chinese the result reads."""
    good = read = 0.0
    for sample in samples:
        text = forgiving(sample, encoding)
        if text is None:
            continue
        good += 1
        read += 1.0 if text.strip() in words else 0.9 * _daily_share(text, encoding)
    return good / len(samples), read / len(samples)


def _daily_share(text: str, encoding: str) -> float:
    daily = _DAILY.get(encoding, _DAILY[GBK])
    letters = [letter for letter in text if ord(letter) > 0x7F]
    return sum(letter in daily for letter in letters) / len(letters) if letters else 0.0


def forgiving(sample: bytes, encoding: str) -> str | None:
    """`sample` as text; a character cut off at the very end is dropped. None when it does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(sample, final=False)
    except UnicodeDecodeError:
        return None


def of_line(line: bytes, usual: str) -> str:
    """The encoding of one line of a file that is written in `usual` for the most part.

    Another one only where the bytes leave no doubt: they do not decode as `usual`, or they are valid UTF-8 that reads
    as better Chinese. `usual` where nothing fits.
    """
    others = (UTF8, GBK) if family_of(usual) != family_of(UTF8) else (GBK,)
    as_usual = _text(line, usual)
    if others[0] == UTF8 and as_usual is not None:
        as_utf8 = _text(line, UTF8)
        better = as_utf8 is not None and _daily_share(as_utf8, UTF8) > _daily_share(as_usual, usual)
        return UTF8 if better else usual
    if as_usual is not None:
        return usual
    return next((name for name in others if _text(line, name) is not None), usual)


def _text(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _undecodable(scores: dict[str, tuple[float, float]], declared: str) -> Encoding:
    best = max(scores, key=lambda name: scores[name])
    if scores[best][0] >= 0.5:
        return Encoding(best, scores[best][0] / 2, "most of the text decodes", declared)
    return Encoding("CP1252", 0.3, "neither UTF-8 nor a Chinese encoding", declared)


def _certainty(best: str, valid: dict[str, tuple[float, float]], declared: str) -> float:
    others = [score[1] for name, score in valid.items() if family_of(name) != family_of(best)]
    lead = valid[best][1] - max(others, default=0.0)
    agreed = 0.2 if declared and family_of(declared) == family_of(best) else 0.0
    return round(min(1.0, 0.6 + agreed + lead), 2)


def _evidence(score: tuple[float, float]) -> str:
    return "the text reads as Chinese" if score[1] > 0.2 else "the bytes decode"
