"""PDF files: pypdf reads what a file says about itself, pdfium the text and where it stands.

outline: bookmarks, page labels, metadata
page (words, with rules and pointers) -> tables -> fractions -> furniture -> layout -> headings -> blocks
reader: all of it, from bytes to Parts
"""

from kb.loaders.pdf.reader import load_pdf

__all__ = ["load_pdf"]
