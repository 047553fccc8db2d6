"""Every format that pandoc reads: Office and OpenDocument files, web pages, e-books, Markdown.

run (pandoc, walled in) -> tree (its document tree becomes Parts, tex its formulas) -> metadata
"""

from kb.loaders.pandoc.run import READERS, load_pandoc

__all__ = ["READERS", "load_pandoc"]
