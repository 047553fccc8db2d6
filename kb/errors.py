"""Everything that can go wrong and is the reader's to mend.

    KBError
    ├── ConfigError          a setting is unknown, contradictory or out of range
    ├── DocumentError        a file cannot be read
    │   ├── UnsupportedFormat    no loader for this kind of file
    │   ├── EncryptedDocument    the file needs a password
    │   ├── EmptyDocument        no text inside: blank, or nothing that can be read
    │   └── DamagedDocument      the file's content is not what its name says, or broken
    ├── ModelError           an embedding model is missing, damaged or not the expected one
    ├── IndexUnusable        an index is missing, damaged, or made with other settings
    │   ├── IndexMissing
    │   ├── IndexDamaged
    │   └── IndexMismatch
    ├── QuestionError        the question is empty or too long
    ├── BriefError           a brief, checklist or export cannot be written
    └── CaseError            an evaluation case is malformed

The message of each is one sentence: what happened, to which file or setting,
and what to do.
"""

from __future__ import annotations


class KBError(Exception):
    """The root of the tree; its text is fit to show to a person."""


class ConfigError(KBError):
    """A setting is unknown, contradictory or out of range."""


class DocumentError(KBError):
    """A file cannot be read."""


class UnsupportedFormat(DocumentError):
    """There is no loader for this kind of file."""


class EncryptedDocument(DocumentError):
    """The file needs a password."""


class EmptyDocument(DocumentError):
    """The file holds no text: it is blank, or nothing in it can be read."""


class DamagedDocument(DocumentError):
    """The file is broken, or its content is not what its name says."""


class ModelError(KBError):
    """An embedding model is missing, damaged or not the expected one."""


class IndexUnusable(KBError):
    """An index cannot be used."""


class IndexMissing(IndexUnusable):
    """There is no index at this place."""


class IndexDamaged(IndexUnusable):
    """A file of the index is missing or unreadable; `reason` says which, and not what to do."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class IndexMismatch(IndexUnusable):
    """The index was made with another model or other chunking settings."""


class QuestionError(KBError):
    """The question is empty or too long."""


class BriefError(KBError):
    """A brief, a checklist or an export cannot be written."""


class CaseError(KBError):
    """An evaluation case is malformed, or its evidence is not in its file."""
