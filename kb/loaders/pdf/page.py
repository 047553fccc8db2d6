"""One page of a PDF as pdfium sees it: words with their boxes and fonts, and the rules drawn around them.

Coordinates are in points with the origin at the top left, as the page is
shown. pdfium is asked for as few boxes and fonts as possible, and through
pointers without the conversions of the usual binding: asking for every
letter's box alone takes longer than all the rest.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Any, Literal, NamedTuple

from kb.loaders.pdf.pointers import pointers
from kb.loaders.pdf.raised import BEFORE, DROPPED, MARK, Letter, notes_of, without_marks, written
from kb.loaders.pdf.rules import Rule, read_shapes
from kb.loaders.pdf.sight import Box, Layers, Sight

BOLD = re.compile(rb"bold|black|heavy|demi|-bd", re.I)
HYPHENS = ("\ufffe", "\x02")  # pdfium's signs for a hyphen at the end of a line, instead of a line break
WORD = re.compile(r"[^\s\0\x02\ufffe]+")
LETTER = re.compile(r"[^\W_]")
LINE = re.compile(r"[^\n\0\x02\ufffe]+")
LOOSE_STOP = re.compile(r"(?<=\d) \.(?=\d)|(?<=\w) \.(?=\s|$)")
FANCY = re.compile("[\ufb00-\ufb06\U0001d400-\U0001d7ff]+")
UNREADABLE = 3.0  # points; smaller text is not meant for people
TALL, MAX_TALL = 1.6, 40  # times its first letter's height, and letters: what may hold a fraction
LOOSE = 0.65  # times the height of a line: letters that are further apart on average leave gaps
GAP = 1.0  # times the height of a line: two words further apart stand in two columns
LOST = f"{DROPPED} "
GONE = re.compile(f"{DROPPED}+(?: +(?=[.,;:)]))?")
CROSSED = 3  # lines of text over which a watermark lies
# Where a letter begins and ends along its line in (left, top, right, bottom), with signs, by its turn.
DIRECTIONS = {0: (0, 1, 2, 1), 90: (3, 1, 1, 1), 180: (2, -1, 0, -1), 270: (1, -1, 3, -1)}


# What a page without readable text shows: a picture, more than OUTLINES drawn shapes (letters as outlines,
# say), letters that no font explains, letters that nobody can see, or nothing to speak of.
Shown = Literal["image", "drawing", "junk", "hidden", ""]
OUTLINES = 20
# Shapes and pictures of a page that are looked at, and how deep within one another.
MOST_SHAPES, DEPTH = 2000, 4


class Fragment(NamedTuple):
    """Words on one line without a wide gap between them, their box, and their place in the page.

    A `cell` belongs to a row of cells, whatever stands above and below. `sure` is
    how sure text recognition is of them, None where the page tells its letters.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    start: int
    end: int
    bold: bool
    cell: bool = False
    sure: float | None = None

    @property
    def height(self) -> float:
        """Return the height of the line in points."""
        return self.bottom - self.top


def _clean(text: str) -> str:
    """Put letters outside the first plane together, and write ligatures and mathematical letters plainly."""
    if DROPPED in text:
        text = GONE.sub("", text)
    if " ." in text:
        text = LOOSE_STOP.sub(".", text)  # loosely set letters make pdfium see a space there
    if text.isascii():
        return text
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = FANCY.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return text.replace("\u00a0", " ").replace("\u00ad", "")


def _once(fragments: list[Fragment]) -> list[Fragment]:
    """Leave out text that is drawn again on the same place, as some programs do for bold."""
    seen: dict[str, list[Fragment]] = {}
    kept = []
    for fragment in fragments:
        twins = seen.setdefault(fragment.text, [])
        if not any(abs(t.x0 - fragment.x0) < 3 and abs(t.top - fragment.top) < 3 for t in twins):
            twins.append(fragment)
            kept.append(fragment)
    return kept


def _lies_over(fragment: Fragment, others: list[Fragment]) -> bool:
    """Tell whether large letters lie over the lines of the text, as those of a watermark do."""
    crossed = (
        f.x0 < fragment.x1 and fragment.x0 < f.x1 and fragment.top < (f.top + f.bottom) / 2 < fragment.bottom
        for f in others
        if f.height < 0.5 * fragment.height
    )
    return len(fragment.text.strip()) > 3 and sum(crossed) >= CROSSED


class PageReader:
    """Reads one open page; close it before the next."""

    def __init__(self, page: Any, layers: Layers = frozenset) -> None:  # noqa: ANN401 - pypdfium2 has no types
        self.page = page
        self.hides = False
        """Whether the page holds words that nobody sees, which are left out."""
        self._text = page.get_textpage()
        self._call = pointers()
        self._handle = ctypes.cast(self._text.raw, ctypes.c_void_p).value
        self._get_box = self._call["FPDFText_GetLooseCharBox"]
        self._box = (ctypes.c_float * 4)()  # left, top, right, bottom
        self._address = ctypes.addressof(self._box)
        self._font = ctypes.create_string_buffer(80)  # the name of a font
        self._letters = self._characters()
        left, bottom, right, top = self._frame = page.get_bbox()
        self._rotation = self._turn()
        self.width: float
        self.height: float
        turned = self._rotation in (90, 270)
        self.width, self.height = (top - bottom, right - left) if turned else (right - left, top - bottom)
        self._sight = Sight(page, self._handle or 0, layers)
        self._letters = self._seen()

    def _turn(self) -> int:
        """Return the turn (0, 90, 180 or 270 degrees) at which most lines read from left to right.

        The page's own rotation does not tell: scanned and drawn pages use it differently.
        """
        votes = {0: 1, 90: 0, 180: 0, 270: 0}
        for line in islice(LINE.finditer(self._letters), 12):
            word = WORD.search(line[0])
            if word and word.end() - word.start() > 2:
                self._get_box(self._handle, line.start() + word.start(), self._address)
                left, top = self._box[0], self._box[1]
                self._get_box(self._handle, line.start() + word.end() - 1, self._address)
                dx, dy = self._box[0] - left, self._box[1] - top
                votes[(0 if dx > 0 else 180) if abs(dx) >= abs(dy) else (90 if dy > 0 else 270)] += 1
        return max(votes, key=lambda turn: votes[turn])

    def _seen(self) -> str:
        """Return the letters as a person reads them: unseen ones as breaks, marks of notes dropped."""
        notes = notes_of(self._letters)
        done = list(without_marks(self._letters, notes))
        for line in LINE.finditer(self._letters):
            base, ink = -1, 0  # the last letter that stands on the line, and what draws it
            if self._is_slanted(line):
                done[line.start() : line.end()] = "\0" * len(line[0])
                continue
            for word in WORD.finditer(self._letters, *line.span()):
                at, after = word.span()
                high = self._high_figures(at, after)
                if high == after and ink and self._ink(at) == ink == self._ink(after - 1):
                    base = after - 1
                    continue
                raised: list[int] = []
                for start, end in (*self._drawn_apart(at, high), (high, after)):
                    if start == end:
                        continue
                    if self._sight.hides(start, self._ink(start), self._box_of):
                        if LETTER.search(self._letters, start, end):  # and no hyphen that helps a program
                            done[start:end] = "\0" * (end - start)
                            self.hides = True
                    elif base >= 0 and (
                        start == high
                        or (self._may_be_raised(word, start, end) and self._is_raised(start, base))
                    ):
                        raised += range(start, end)
                    else:
                        self._write(done, line.start(), raised, notes)
                        raised, base, ink = [], end - 1, self._ink(start)
                self._write(done, line.start(), raised, notes)
        return "".join(done)

    def _is_slanted(self, line: re.Match[str]) -> bool:
        """Tell whether a whole line stands at an angle, and not a word of it."""
        start, end = line.start(), line.start() + len(line[0].rstrip())
        return end - start > 1 and all(self._sight.is_slanted(at) for at in (start, end - 1))

    def _ink(self, at: int) -> int:
        """Return the object that draws a letter, or 0."""
        return self._call["FPDFText_GetTextObject"](self._handle, at) or 0

    def _drawn_apart(self, at: int, after: int) -> Iterator[tuple[int, int]]:
        """Yield the parts of a word that are drawn at once, which is all of it nearly always."""
        if after - at < 2 or self._ink(at) == self._ink(after - 1):
            yield at, after
            return
        inks = [self._ink(here) for here in range(at, after)]
        changes = [here for here in range(1, after - at) if inks[here] != inks[here - 1]]
        yield from ((at + a, at + b) for a, b in pairwise([0, *changes, after - at]))

    def _may_be_raised(self, word: re.Match[str], start: int, end: int) -> bool:
        return end - start < 8 and (start > word.start() or bool(MARK.fullmatch(word[0])))

    def _high_figures(self, at: int, after: int) -> int:
        """Return where the figures at a word's end begin that the font itself draws high up, or its end."""
        start = after
        while start > at and self._letters[start - 1].isdecimal() and self._is_drawn_high(start - 1):
            start -= 1
        return start

    def _is_drawn_high(self, at: int) -> bool:
        """Tell whether the lower edge of what a letter draws lies well above the line it stands on."""
        box = (ctypes.c_double * 4)()  # left, right, bottom, top
        first = ctypes.addressof(box)
        self._call["FPDFText_GetCharBox"](self._handle, at, *(first + 8 * n for n in range(4)))
        letter = self._letter(at)
        drawn = self.place(box[0], box[2], box[1], box[3])
        return letter.base - drawn[3] > 0.2 * letter.height

    def _is_raised(self, at: int, base: int) -> bool:
        return self._letter(at).is_raised(self._letter(base))

    def _letter(self, at: int) -> Letter:
        left, top, right, bottom = self.place(*self._box_of(at))
        origin = (ctypes.c_double * 2)()
        address = ctypes.addressof(origin)
        self._call["FPDFText_GetCharOrigin"](self._handle, at, address, address + 8)
        base = self.place(origin[0], origin[1], origin[0], origin[1])[1]
        return Letter(left, right, bottom - top, base)

    def _write(self, done: list[str], line: int, raised: list[int], notes: frozenset[str]) -> None:
        """Write raised letters of a line as `written` says."""
        if raised:
            start, end = raised[0], raised[-1] + 1
            before = "".join(done[max(line, start - BEFORE) : start]).replace(DROPPED, "")
            done[start:end] = written(self._letters[start:end], before, notes)

    def _box_of(self, at: int) -> Box:
        """Return the left, lower, right and upper edge of a letter in the file."""
        self._get_box(self._handle, at, self._address)
        left, top, right, bottom = self._box
        return left, bottom, right, top

    def close(self) -> None:
        """Give back what pdfium holds for the page."""
        self._text.close()
        self.page.close()

    def fragments(self) -> list[Fragment]:
        """Return the text of the page in the order in which it was drawn."""
        found: list[Fragment] = []
        count_boxes = self._call["FPDFText_CountRects"]
        for line in LINE.finditer(self._letters):
            if line[0].strip():
                start, end = line.span()
                whole = count_boxes(self._handle, start, end - start) == 1
                found += self._drawn_at_once(start, end) if whole else self._cut_line(start, end)
                if self._letters[line.end() : line.end() + 1] in HYPHENS:
                    found[-1] = found[-1]._replace(text=found[-1].text.rstrip("-") + "-")
        tall = TALL * sorted(f.height for f in found)[len(found) // 2] if found else 0.0
        found = [piece for f in found for piece in (self._on_one_line(f) if f.height > tall else (f,))]
        found = [fragment for fragment in found if fragment.text.strip()]
        readable = [fragment for fragment in found if self._is_readable(fragment)]
        self.hides |= any(not self._is_readable(f) and LETTER.search(f.text) for f in found)
        return _once([f for f in readable if f.height <= tall or not _lies_over(f, readable)])

    def _is_readable(self, fragment: Fragment) -> bool:
        """Tell whether a fragment is large enough, and inside the page."""
        return (
            UNREADABLE < fragment.height < self.height + self.width
            and fragment.x1 > 0
            and fragment.x0 < self.width
            and fragment.bottom > 0
            and fragment.top < self.height
        )

    def _drawn_at_once(self, start: int, end: int) -> Iterable[Fragment]:
        """Return a line that was drawn in one go: it holds no gap unless it is too wide for its letters."""
        words = self._letters[start:end]
        first, last = end - len(words.lstrip()), start + len(words.rstrip())
        fragment = self._fragment(first, last)
        loose = fragment.x1 - fragment.x0 > LOOSE * fragment.height * (last - first)
        return self._cut_line(start, end) if loose else (fragment,)

    def _cut_line(self, start: int, end: int) -> Iterator[Fragment]:
        """Cut a line where two words stand wider apart than words do, or run backwards."""
        handle, get_box, box, address = self._handle, self._get_box, self._box, self._address
        begin, begin_sign, finish, finish_sign = DIRECTIONS[self._rotation]
        first = last_start = last_end = -1
        left_before = 0.0
        for word in WORD.finditer(self._letters, start, end):
            at, after = word.span()
            get_box(handle, at, address)
            left = box[begin] * begin_sign
            if first >= 0:
                # The box of the last letter is asked for only where the word could leave a gap.
                size = abs(box[1] - box[3]) if begin in (0, 2) else abs(box[2] - box[0])
                step = left - left_before
                if step < 0 or step > (0.45 * (last_end - last_start) + 0.8) * size:
                    get_box(handle, last_end - 1, address)
                    if step < 0 or left - box[finish] * finish_sign > GAP * size:
                        yield self._fragment(first, last_end)
                        first = at
            else:
                first = at
            last_start, last_end, left_before = at, after, left
        if first >= 0:
            yield self._fragment(first, last_end)

    def _fragment(self, start: int, end: int) -> Fragment:
        while end - start > 1 and self._letters[end - 1] in LOST:
            end -= 1  # a raised mark makes a line no higher
        box = self._box
        self._get_box(self._handle, start, self._address)
        left, top, right, bottom = box
        if end - start > 1:
            self._get_box(self._handle, end - 1, self._address)
            left, right = min(left, box[0]), max(right, box[2])
            top, bottom = max(top, box[1]), min(bottom, box[3])
        bold = self._is_bold(start) and self._is_bold(end - 1)
        shown = self.place(left, bottom, right, top)
        return Fragment(_clean(self._letters[start:end]), *shown, start, end, bold)

    def _on_one_line(self, fragment: Fragment) -> Iterable[Fragment]:
        """Cut a fragment whose letters stand above one another, as the two halves of a fraction do."""
        if self._rotation or fragment.end - fragment.start > MAX_TALL:
            return (fragment,)
        self._get_box(self._handle, fragment.start, self._address)
        if fragment.height < TALL * (self._box[1] - self._box[3]):
            return (fragment,)
        starts, before = [fragment.start], (self._box[1], self._box[3])
        for at in range(fragment.start + 1, fragment.end):
            self._get_box(self._handle, at, self._address)
            top, bottom = self._box[1], self._box[3]
            if self._letters[at].strip() and (top < before[1] or bottom > before[0]):
                starts.append(at)
            before = (top, bottom) if self._letters[at].strip() else before
        return [self._fragment(*span) for span in pairwise([*starts, fragment.end])]

    def split(self, fragment: Fragment, edges: list[float]) -> list[Fragment]:
        """Cut a fragment at the x positions of a table's rules."""
        inside = [x for x in edges if fragment.x0 + 1 < x < fragment.x1 - 1]
        if not inside or fragment.start == fragment.end:  # what is filled in is no text of the page
            return [fragment]
        groups: dict[int, tuple[int, int]] = {}
        for word in WORD.finditer(self._letters, fragment.start, fragment.end):
            piece = self._fragment(*word.span())
            column = sum(x < (piece.x0 + piece.x1) / 2 for x in inside)
            groups[column] = (groups.get(column, word.span())[0], word.end())
        return [self._fragment(*span) for span in groups.values()]

    def _characters(self) -> str:
        """Return the text of the page, one character for each of pdfium's."""
        text, count = self._text.get_text_range(), self._text.count_chars()
        if len(text) == count:
            return str(text)
        from pypdfium2 import raw

        codes = (raw.FPDFText_GetUnicode(self._text, at) for at in range(count))
        return "".join(chr(code) if 0 < code < 0x110000 else "\0" for code in codes)

    def _is_bold(self, at: int) -> bool:
        """Tell whether the letter at this place is set in a bold font."""
        self._call["FPDFText_GetFontInfo"](
            self._handle, at, ctypes.addressof(self._font), len(self._font), None
        )
        return (
            bool(BOLD.search(self._font.value))
            or self._call["FPDFText_GetFontWeight"](self._handle, at) >= 600
        )

    def shown(self) -> Shown:
        """Return what the page shows where it has no fragments."""
        from pypdfium2 import raw

        kinds = Counter(shape.type for shape in islice(self.page.get_objects(max_depth=DEPTH), MOST_SHAPES))
        if kinds[raw.FPDF_PAGEOBJ_IMAGE]:
            return "image"
        if self.hides:
            return "hidden"
        return "drawing" if kinds[raw.FPDF_PAGEOBJ_PATH] > OUTLINES else ""

    def shapes(self) -> tuple[list[Rule], list[Box]]:
        """Return the lines of the page with the edges of its boxes, and its dots."""
        return read_shapes(self.page, self.place, self.width, self.height)

    def place(
        self, left: float, bottom: float, right: float, top: float
    ) -> tuple[float, float, float, float]:
        """Turn a box of the file (origin at the bottom left) as the page is shown: x0, top, x1, bottom."""
        x, y, xe, ye = self._frame
        match self._rotation:
            case 90:
                return bottom - y, left - x, top - y, right - x
            case 180:
                return xe - right, bottom - y, xe - left, top - y
            case 270:
                return ye - top, xe - right, ye - bottom, xe - left
        return left - x, ye - top, right - x, ye - bottom
