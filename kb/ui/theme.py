"""How the page looks: Gradio's own parts through a theme, ours through the style sheets in assets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.themes import Base

ASSETS = Path(__file__).with_name("assets")
SCRIPT_FILE = ASSETS / "ask.js"
ICON_FILE = ASSETS / "icon.svg"
STYLES = (
    "colours",
    "frame",
    "words",
    "ask",
    "conversation",
    "onward",
    "question",
    "evidence",
    "brief",
    "egdi",
    "library",
    "quality",
)


def head(language: str) -> str:
    """Return what stands in the page's head: the style sheets, and which language it is in.

    Gradio's own `css` would rewrite the selectors. `language` is a setting of `ServerConfig`.
    """
    sheets = ((ASSETS / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    script = (ASSETS / "language.js").read_text(encoding="utf-8").strip()
    return f"<style>{''.join(sheets)}</style><script>{script}({language!r});</script>"


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
