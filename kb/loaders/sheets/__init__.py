"""Workbooks: what their sheets show, as a reader of them sees it.

reader (openpyxl reads cells and styles, and what is merged or hidden; formats shows values) -> grid (tables)
"""

from kb.loaders.sheets.reader import load_workbook

__all__ = ["load_workbook"]
