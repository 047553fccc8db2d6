"""The EGDI tab: countries and editions are chosen; chart, table, caution and formula follow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.egdi import INDICES, Figures, Row, figures_in, load_figures
from kb.egdi.formula import work
from kb.egdi.method import Method
from kb.errors import KBError
from kb.ui.desk import Desk
from kb.ui.figures import RANK, Sheet, country_name
from kb.ui.foreign import problem
from kb.ui.journal import noted
from kb.ui.markup import prose, safe, tag
from kb.ui.parts import QUIET, html
from kb.ui.sources import View
from kb.ui.theme import ASSETS

if TYPE_CHECKING:
    import gradio as gr

# More lines than this nobody tells apart.
MOST_COUNTRIES = 8
# What is shown at first: two countries of the documents, in the last editions.
FIRST_COUNTRIES, FIRST_EDITIONS = ("RWA", "LAO"), 4


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the tab that handlers read or change."""

    countries: "gr.Dropdown"
    editions: "gr.CheckboxGroup"
    index: "gr.Radio"
    caution: "gr.HTML"
    chart: "gr.HTML"
    table: "gr.HTML"
    worked: "gr.Dropdown"
    formula: "gr.HTML"
    status: "gr.HTML"


def build(desk: Desk) -> None:
    """Lay out the tab and say what follows on what."""
    figures = _opened(desk)
    try:
        table = figures()
    except KBError as error:
        html(problem(error, desk.words), "egdi-none")
        return
    _wire(_lay_out(desk, table), desk, figures)


def _opened(desk: Desk) -> Callable[[], Figures]:
    """Return what gives the table: that of the index, whose rows can be cited, else that of the corpus."""

    def figures() -> Figures:
        found = figures_in(desk.assistant.index)
        return found if found.rows else load_figures(desk.config)

    return figures


def _lay_out(desk: Desk, table: Figures) -> _Parts:
    import gradio as gr

    words = desk.words
    html(tag("h2", safe(words("egdi.title"))) + tag("p", safe(words("egdi.intro")), "about"), "egdi-title")
    with gr.Row(elem_id="egdi-choice"):
        countries = _countries(desk, table)
        editions = gr.CheckboxGroup(
            [*table.editions],
            value=[*table.editions[-FIRST_EDITIONS:]],
            label=words("egdi.editions"),
            elem_id="egdi-editions",
            scale=2,
            min_width=320,
        )
    shown = [(words(f"egdi.{name}"), name) for name in (*INDICES, RANK)]
    index = gr.Radio(shown, value=INDICES[0], label=words("egdi.index"), elem_id="egdi-index")
    caution, chart = html("", "egdi-caution"), html("", "egdi-chart")
    rows = html("", "egdi-table", (ASSETS / "egdi.js").read_text(encoding="utf-8"))
    worked = gr.Dropdown([], label=words("egdi.worked"), elem_id="egdi-worked")
    formula = html("", "egdi-formula")
    status = html("", "egdi-status", "element.setAttribute('role', 'status')", elem_classes="unseen")
    return _Parts(countries, editions, index, caution, chart, rows, worked, formula, status)


def _countries(desk: Desk, table: Figures) -> "gr.Dropdown":
    import gradio as gr

    names = [(country_name(country, desk.words), country.iso3) for country in table.listed()]
    return gr.Dropdown(
        sorted(names),
        value=[code for code in FIRST_COUNTRIES if code in table.countries.by_code],
        multiselect=True,
        max_choices=MOST_COUNTRIES,
        label=desk.words("egdi.countries", most=MOST_COUNTRIES),
        elem_id="egdi-countries",
        min_width=320,
    )


def _wire(parts: _Parts, desk: Desk, figures: Callable[[], Figures]) -> None:
    """Say what follows on a choice, and show the first one."""
    import gradio as gr

    view = _Figures(desk, figures)
    chosen: list[gr.components.Component] = [parts.countries, parts.editions]
    inputs: list[gr.components.Component] = [*chosen, parts.index]
    outputs = [parts.caution, parts.chart, parts.table, parts.worked, parts.formula, parts.status]
    changes = [parts.countries.change, parts.editions.change, parts.index.change]
    gr.on(changes, view.chosen, inputs, outputs, **QUIET)
    parts.worked.input(view.worked, [parts.worked, *chosen], parts.formula, **QUIET)
    blocks = gr.context.Context.root_block
    assert blocks is not None
    blocks.load(view.shown, inputs, outputs, **QUIET)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the tab shows of the table as it is now."""

    desk: Desk
    figures: Callable[[], Figures]

    def chosen(self, codes: list[str], editions: list[int], index: str) -> tuple[Any, ...]:
        """Return what `shown` does, with a line in the journal: somebody has chosen."""
        asked = {"countries": codes, "editions": editions, "index": index}
        try:
            with noted("egdi", asked, self.desk.config.server) as tell:
                parts = self._drawn(codes, editions, index)
                tell("done", self.desk.assistant.index.generation)
                return parts
        except KBError as error:
            return self._nothing(problem(error, self.desk.words))

    def shown(self, codes: list[str], editions: list[int], index: str) -> tuple[Any, ...]:
        """Return caution, chart, table, rows to work through, formula and status; or what is wrong."""
        try:
            return self._drawn(codes, editions, index)
        except KBError as error:
            return self._nothing(problem(error, self.desk.words))

    def worked(self, key: str | None, codes: list[str], editions: list[int]) -> str:
        """Return the formula worked through with another row."""
        try:
            sheet = self._sheet(codes, editions)
            rows = {_key(row): row for row in sheet.rows}
            return _formula(sheet, rows[key], Method(self.desk.assistant.index)) if key in rows else ""
        except KBError as error:
            return problem(error, self.desk.words)

    def _drawn(self, codes: list[str], editions: list[int], index: str) -> tuple[Any, ...]:
        import gradio as gr

        sheet, method = self._sheet(codes, editions), Method(self.desk.assistant.index)
        if not sheet.rows:
            empty = self.desk.words("egdi.empty")
            return self._nothing(tag("p", prose(empty), "about"), empty)
        options = [(f"{sheet.name(row)}, {row.edition}", _key(row)) for row in reversed(sheet.rows)]
        first = _newest(sheet.rows)
        said = self.desk.words.count("egdi.row", len(sheet.rows))
        picked = gr.Dropdown(choices=options, value=_key(first))
        drawn = (sheet.caution(method), sheet.chart(index), sheet.table())
        return *drawn, picked, _formula(sheet, first, method), said

    def _nothing(self, why: str, status: str = "") -> tuple[Any, ...]:
        import gradio as gr

        return "", why, "", gr.Dropdown(choices=[], value=None), "", status

    def _sheet(self, codes: Sequence[str], editions: Sequence[int]) -> Sheet:
        table = self.figures()
        rows = table.select(codes, editions or table.editions)
        return Sheet(table, rows, View(self.desk.documents(), self.desk.words))


def _formula(sheet: Sheet, row: Row, method: Method) -> str:
    try:
        return sheet.formula(work(row), method)
    except KBError as error:
        return problem(error, sheet.words)


def _newest(rows: Sequence[Row]) -> Row:
    """Return the newest row of the country that was chosen first."""
    return max((row for row in rows if row.iso3 == rows[0].iso3), key=lambda row: row.edition)


def _key(row: Row) -> str:
    return f"{row.iso3} {row.edition}"
