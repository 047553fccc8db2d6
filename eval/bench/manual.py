"""A made-up manual of any number of pages as a PDF: about 350 words a page, and a fact on the last one.

The words are English, the places are made up, so that a manual has rare words
as real ones do. It is the same for the same seed, and another for another.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eval.bench.options import Skipped
from eval.bench.synthetic import SYLLABLES

WORDS_A_PAGE, PLACES_A_PAGE = 350, 15


def _words(listed: str) -> list[str]:
    """Return what is listed, blanks for the underscores in it."""
    return [one.replace("_", " ") for one in listed.split()]


BODIES = _words("""archive clinic council depot ferry_office fire_station garden_board harbour_office kitchen
laboratory land_office library market_hall museum nursery orchard passport_desk police_post
post_office quarry registry school tax_desk theatre water_board weather_station workshop
youth_centre""")
PEOPLE = _words("""accountant archivist caretaker clerk cook deputy director driver electrician gardener guard
inspector interpreter judge librarian mechanic notary nurse painter plumber secretary surveyor
teacher treasurer warden""")
THINGS = _words("""account application badge bill boat_permit certificate complaint contract delivery diary
drawing fee form invoice key ledger licence visitors'_list map medicine_chest notice order parcel photograph
plan receipt report request sample seal tool vehicle_log wage_slip warning""")
DONE = _words("""checks copies files hands_over keeps measures numbers prints reads_out receives records
renews returns reviews signs stamps stores translates weighs writes_down""")
TIMES = _words("""after_a_fire_drill at_the_end_of_each_quarter before_noon before_the_gates_open
by_lamp_light_in_winter during_the_harvest every_second_Monday in_the_first_week_of_May
on_the_day_of_arrival once_a_season when_the_river_is_high whenever_two_people_ask
while_the_bridge_is_closed within_nine_days""")
FORMS = (
    "The {person} of the {place} {body} {does} every {thing} {when}.",
    "If a {thing} is lost in {place}, the {person} tells the {body} and waits {n} days for an answer.",
    "No {thing} leaves the {body} without the mark of the {person}, who {does} it {when}.",
    "In {place} up to {n} people may ask the {body} for a {thing}, and the {person} {does} what they bring.",
    "A {person} who {does} the {thing} for the {body} of {place} is paid for {n} hours.",
    "Each {thing} is kept for {n} years; then the {person} {does} it {when} and closes the book.",
    "Whoever needs a {thing} goes to the {body} in {place}, where the {person} is found {when}.",
    "The {body} and the {person} share one {thing}, which room {n} of the house in {place} holds.",
)


@dataclass(frozen=True)
class Manual:
    """A manual of so many pages.

    >>> manual = Manual(2, seed=1)
    >>> len(manual.texts), manual.fact in manual.texts[-1], manual.figure in manual.fact
    (2, True, True)
    >>> manual.texts == Manual(2, seed=2).texts
    False
    """

    pages: int
    seed: int

    @cached_property
    def place(self) -> str:
        """The place that the last page tells of, and no other page."""
        return "Saint " + _name(random.Random(-1 - self.seed))

    @property
    def figure(self) -> str:
        """What the question asks for."""
        return str(1200 + 37 * self.seed % 8000)

    @property
    def fact(self) -> str:
        """The last sentence of the manual."""
        return f"The lighthouse of {self.place} keeps {self.figure} litres of lamp oil for the winter."

    @property
    def question(self) -> str:
        """What the last sentence answers."""
        return f"How many litres of lamp oil does the lighthouse of {self.place} keep for the winter?"

    @cached_property
    def texts(self) -> list[str]:
        """The text of each page below its heading."""
        chance = random.Random(self.seed)
        texts = [_page(chance) for _ in range(self.pages)]
        return [*texts[:-1], f"{texts[-1]}\n\n{self.fact}"]

    def write(self, path: Path) -> Path:
        """Write it as a PDF; Skipped where typst, which makes it, is missing."""
        try:
            import typst
        except ImportError as error:
            raise Skipped("the PDF is made by typst; install it with: pip install typst") from error
        # Headings that differ in a number alone would be taken for running heads.
        pages = (f"= {_heading(n)}\n\n{text}" for n, text in enumerate(self.texts))
        head = f'#set page(numbering: "1")\n#set document(title: "Manual {self.seed}")\n'
        source = (head + "\n#pagebreak()\n".join(pages)).encode()
        path.write_bytes(typst.compile(source))
        return path


def _heading(page: int) -> str:
    return f"The {BODIES[page % len(BODIES)]} and the {THINGS[page % len(THINGS)]}"


def _page(chance: random.Random) -> str:
    """Return paragraphs of six sentences until there are words enough."""
    places, sentences, words = [_name(chance) for _ in range(PLACES_A_PAGE)], list[str](), 0
    while words < WORDS_A_PAGE:
        sentences.append(_sentence(chance, places))
        words += len(sentences[-1].split())
    paragraphs = (sentences[at : at + 6] for at in range(0, len(sentences), 6))
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)


def _sentence(chance: random.Random, places: list[str]) -> str:
    lists = {"person": PEOPLE, "body": BODIES, "does": DONE, "thing": THINGS, "when": TIMES, "place": places}
    given = {name: chance.choice(words) for name, words in lists.items()}
    return chance.choice(FORMS).format(n=chance.randint(2, 90), **given)


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=3)).capitalize()
