"""The filters of a question as Gradio parts: documents, kinds, editions and dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.errors import KBError
from kb.retrieval.filters import Filter
from kb.ui.desk import Desk
from kb.ui.parts import QUIET

if TYPE_CHECKING:
    import gradio as gr


@dataclass(frozen=True, slots=True)
class FilterParts:
    """The parts, in the order in which `chosen` takes their values, after what they are folded up in."""

    folded: "gr.Accordion"
    documents: "gr.Dropdown"
    kinds: "gr.Dropdown"
    editions: "gr.Dropdown"
    since: "gr.Textbox"
    until: "gr.Textbox"

    def all(self) -> list[Any]:
        """Return the parts as a handler's inputs."""
        return [*self.offering(), self.since, self.until]

    def offering(self) -> list[Any]:
        """Return the parts that offer what the library has, as `choices` has updates for."""
        return [self.documents, self.kinds, self.editions]


def lay_out(desk: Desk) -> FilterParts:
    """Lay out the filters, folded up; what can be chosen is read anew at every visit."""
    import gradio as gr

    words = desk.words
    with gr.Accordion(words("filters.title"), open=False, elem_id="filters") as folded:
        gr.HTML(f"<p>{words('filters.hint')}</p>", elem_classes="hint")
        documents = gr.Dropdown([], multiselect=True, label=words("filters.documents"), elem_id="filter")
        with gr.Row():
            kinds = gr.Dropdown([], multiselect=True, label=words("filters.kinds"), min_width=140)
            editions = gr.Dropdown([], multiselect=True, label=words("filters.editions"), min_width=140)
            since, until = (
                _date(words(f"filters.{name}"), words("filters.date")) for name in ("since", "until")
            )
        clear = gr.Button(words("filters.clear"), size="sm", elem_id="filters-clear")
    parts = FilterParts(folded, documents, kinds, editions, since, until)
    gr.on(None, lambda: choices(desk), None, parts.offering(), **QUIET)
    clear.click(lambda: ([], [], [], "", ""), None, parts.all(), **QUIET)

    def count(*values: object) -> dict[str, Any]:
        active = sum(1 for value in values if value)
        label = words("filters.active", n=active) if active else words("filters.title")
        return dict(gr.update(label=label))

    gr.on([part.change for part in parts.all()], count, parts.all(), folded, **QUIET)
    return parts


def follow(documents: "gr.HTML", parts: FilterParts, desk: Desk) -> None:
    """Read what can be chosen again when the filters are opened, and when `documents` are written anew.

    That is when this page has changed the library; what others have changed shows at the next opening.
    """

    def offered(*values: list[str]) -> tuple[Any, ...]:
        return choices(desk, values)

    for event in (documents.refresh, parts.folded.expand):
        event(offered, parts.offering(), parts.offering(), **QUIET)


def _date(label: str, example: str) -> "gr.Textbox":
    import gradio as gr

    return gr.Textbox(label=label, placeholder=example, max_length=10, min_width=110)


def choices(desk: Desk, values: Sequence[Sequence[str]] = ((), (), ())) -> tuple[Any, ...]:
    """Return what can be chosen: documents by title, and the kinds and editions that they have.

    Of `values`, chosen before, those stay that still can be. Where the index cannot be read all stays
    as it is: what is wrong stands beside, and nobody's next question goes to more documents unasked.
    """
    import gradio as gr

    try:
        documents = [*desk.documents().values()]
    except KBError:
        return (gr.skip(),) * len(values)
    kinds = sorted({(desk.words.kind(document.kind), document.kind) for document in documents})
    editions = sorted({document.edition for document in documents if document.edition})
    named = sorted((document.label, document.id) for document in documents)
    offers = (named, kinds, [(edition, edition) for edition in editions])
    return tuple(_offered(offer, before or ()) for offer, before in zip(offers, values, strict=True))


def _offered(offer: list[tuple[str, str]], before: Sequence[str]) -> dict[str, Any]:
    """Return the update that offers this; what is chosen is changed only where some of it is gone."""
    import gradio as gr

    there = {value for _, value in offer}
    update = dict(gr.update(choices=offer))
    if not there.issuperset(before):
        update["value"] = [value for value in before if value in there]
    return update


def chosen(values: Sequence[Any]) -> Filter:
    """Return the filter that the values of `FilterParts.all` say.

    >>> chosen([["1a2b"], [], None, " 2023 ", ""]).since
    '2023'
    """
    documents, kinds, editions = (tuple(value or ()) for value in values[:3])
    since, until = ((value or "").strip() or None for value in values[3:])
    return Filter(documents, kinds, editions, since, until)
