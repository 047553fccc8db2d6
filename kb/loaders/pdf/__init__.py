"""PDF files: pypdf reads what a file says about itself, pdfium the text and where it stands.

outline: bookmarks, page labels, metadata
page (words as people see them: sight, raised; with rules and pointers) -> shapes, fields -> tables, fractions
-> line_numbers -> contents -> furniture -> layout -> headings -> blocks
reader: all of it, from bytes to Parts
"""

from kb.loaders.pdf.reader import load_pdf

__all__ = ["load_pdf"]
