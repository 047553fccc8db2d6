"""How the page looks: Gradio's own parts through a theme, ours through style.css."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.themes import Base

STYLE_FILE = Path(__file__).with_name("style.css")
SCRIPT_FILE = Path(__file__).with_name("page.js")
ICON_FILE = Path(__file__).with_name("icon.svg")


def head() -> str:
    """Return the style sheet for the page's head; Gradio's `css` would rewrite its selectors."""
    return f"<style>{STYLE_FILE.read_text(encoding='utf-8')}</style>"


def theme() -> Base:
    """Return the theme. Its fonts come with Gradio or the system, never from the network."""
    from gradio.themes import Base, LocalFont, colors, sizes

    return Base(
        primary_hue=colors.blue,
        neutral_hue=colors.slate,
        radius_size=sizes.radius_sm,
        font=(LocalFont("Source Sans Pro", weights=(400, 700)), "Segoe UI", "system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
    ).set(
        body_background_fill="var(--paper)",
        body_background_fill_dark="var(--paper)",
        body_text_color="var(--ink)",
        body_text_color_dark="var(--ink)",
    )
