"""The index of passages: a catalogue, their vectors and their words, committed as one."""

from kb.index.folder import FolderIndex, create_index, open_index
from kb.index.generation import IndexSettings

__all__ = ["FolderIndex", "IndexSettings", "create_index", "open_index"]
