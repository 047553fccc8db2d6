"""The EGDI table: its figures, the formula worked through, and questions answered from its rows."""

from kb.egdi.answer import answer
from kb.egdi.figures import INDICES, Figures, Row, figures_in, load_figures, read_figures

__all__ = ["INDICES", "Figures", "Row", "answer", "figures_in", "load_figures", "read_figures"]
