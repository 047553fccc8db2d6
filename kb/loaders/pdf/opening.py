"""Opening a PDF with pdfium, and taking the lock off one that nobody needs a password for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kb.errors import DamagedDocument, EncryptedDocument


@contextmanager
def opened(name: str, data: bytes) -> Iterator[Any]:
    """Open a PDF and close it at the end; raises DamagedDocument, or EncryptedDocument."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise locked(name) from error
        raise DamagedDocument(
            f"{name} is damaged and cannot be opened as a PDF; get a fresh copy."
        ) from error
    try:
        yield pdf
    finally:
        pdf.close()


def unlocked(name: str, data: bytes) -> bytes:
    """Return a PDF that opens without a password as one that is not encrypted; raises as `opened` does."""
    from pypdfium2 import raw

    copy = io.BytesIO()
    with opened(name, data) as pdf:
        pdf.save(copy, flags=raw.FPDF_REMOVE_SECURITY)
    return copy.getvalue()


def locked(name: str) -> EncryptedDocument:
    """Return the error for a PDF that needs a password."""
    return EncryptedDocument(f"{name} needs a password; save a copy without one.")
