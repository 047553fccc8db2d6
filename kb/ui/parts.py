"""Gradio parts as every tab uses them, and what all handlers have in common."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

# As many questions at once as an office asks; a server's 32 users need not wait for each other.
AT_ONCE = 32

# On every handler: none is offered to other programs, and none covers the page while it runs.
QUIET: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "concurrency_limit": AT_ONCE,
}

# Of a part that is written anew when the library has changed under it; Gradio reads the event's name here.
CHANGED = "addEventListener('library-changed', () => trigger('refresh', {}))"


def html(
    value: str | Callable[[], str],
    elem_id: str,
    script: str | None = None,
    **given: Any,  # noqa: ANN401 - as in Gradio
) -> "gr.HTML":
    """Return a part of own HTML, escaped by whoever made it; a function is called at every visit.

    `script` runs once when the part is there, with `element`, `trigger` and `watch`.
    """
    import gradio as gr

    first = value() if callable(value) else value
    part = gr.HTML(first, elem_id=elem_id, js_on_load=script, apply_default_css=False, **given)
    if callable(value):
        # Not left to Gradio, which would offer the function to other programs.
        gr.on(None, value, None, part, **QUIET)
    return part
