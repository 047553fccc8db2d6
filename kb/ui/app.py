"""The frame of the web app: the name above, a tab for each thing to do, the index below.

To add a tab: write `kb/ui/<name>.py` with `build(desk: Desk) -> None`, which is
called inside its gr.Tab and lays out and wires its own parts; add it to TABS
under <name>; and give both files of `kb/ui/strings` a section [<name>] whose
`tab` is the label. All that a tab may share is in `kb/ui/desk.py`. Styles go to
`assets/<name>.css` and into STYLES of `kb/ui/theme.py`, with colours from
`assets/colours.css` only, so that the dark ones follow.

There is no `from __future__ import annotations` in modules with Gradio handlers:
Gradio reads their annotations, and is imported inside the functions.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kb.config import Config
from kb.errors import KBError
from kb.ui import api, ask, brief, egdi, library, quality
from kb.ui.desk import Desk
from kb.ui.foreign import program_says
from kb.ui.markup import safe, tag
from kb.ui.parts import CHANGED, QUIET, html
from kb.ui.strings import LANGUAGES, Words

if TYPE_CHECKING:
    import gradio as gr

TABS: Mapping[str, Callable[[Desk], None]] = {
    "ask": ask.build,
    "brief": brief.build,
    "egdi": egdi.build,
    "library": library.build,
    "quality": quality.build,
}


def build_app(desk: Desk) -> "gr.Blocks":
    """Build the app: one page, or with server.language "auto" one for each language.

    What somebody does on it lives in the browser session's state and nowhere else.
    """
    import gradio as gr

    chosen = desk.config.server.language
    first, *others = LANGUAGES if chosen == "auto" else (chosen,)
    title = desk.words("app.title")
    with gr.Blocks(title=title, fill_width=True, analytics_enabled=False) as blocks:
        api.offer(desk)  # First, as the handlers of the tabs would take the names.
        _page(desk.speaking(first), others)
    for language in others:
        with blocks.route(LANGUAGES[language], f"/{language}", show_in_navbar=False):
            _page(desk.speaking(language), [first])
    assert isinstance(blocks, gr.Blocks)
    return blocks


def _page(desk: Desk, others: list[str]) -> None:
    import gradio as gr

    html(masthead(desk.words, others, signed_in=desk.config.server.signs_in), "masthead")
    with gr.Tabs(elem_id="tabs", selected=next(iter(TABS))):
        for name, build in TABS.items():
            with gr.Tab(desk.words(f"{name}.tab"), id=name, elem_id=f"tab-{name}", elem_classes="tab"):
                build(desk)
    foot = html(lambda: colophon(desk), "colophon", CHANGED)
    foot.refresh(lambda: colophon(desk), None, foot, **QUIET)


def masthead(words: Words, others: list[str], *, signed_in: bool) -> str:
    """Return the name of the product, what it does, links to the other languages, and the way out."""
    name = tag("h1", safe(words("app.title"))) + tag("p", safe(words("app.subtitle")))
    # "./" is the first page, wherever the app is mounted.
    links = (
        tag("a", LANGUAGES[o], href=f"./?lang={o}" if o == "en" else f"./{o}?lang={o}", lang=o, hreflang=o)
        for o in others
    )
    languages = tag("nav", "".join(links), aria_label=words("app.languages"))
    leave = tag("a", safe(words("app.sign_out")), href="./logout", id="sign-out") if signed_in else ""
    return tag("header", tag("div", name, "name") + languages + leave)


def colophon(desk: Desk) -> str:
    """Return the last line of the page: privacy, size of the index and which generation, or what is wrong."""
    try:
        about = tag("p", safe(_about(desk)))
    except KBError as error:
        about = tag("p", program_says(str(error), desk.words), "problem")
    return tag("footer", tag("p", safe(privacy(desk.config, desk.words))) + about)


def _about(desk: Desk) -> str:
    words, index = desk.words, desk.assistant.index
    return words(
        "app.index",
        documents=words.count("app.document", len(desk.documents())),
        passages=words.count("app.passage", index.size),
        generation=index.generation,
    )


def privacy(config: Config, words: Words) -> str:
    """Return where questions and documents go, as the settings have it.

    >>> privacy(Config(), Words())
    'Runs on this computer. No question or document leaves it.'
    """
    if config.llm.base_url and not config.llm.is_local:
        return words("app.privacy_model", host=urlsplit(config.llm.base_url).hostname)
    server = config.server
    # A prefix and users are for people who come over the network, through a proxy on this computer.
    alone = server.is_local and not server.prefix and not server.signs_in
    return words("app.privacy" if alone else "app.privacy_served")
