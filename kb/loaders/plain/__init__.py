"""Plain text: lines (what each is) -> headings (which ones, how deep) -> reader (Parts)."""

from kb.loaders.plain.reader import load_plain

__all__ = ["load_plain"]
