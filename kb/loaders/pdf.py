"""PDF files."""

from __future__ import annotations

from kb.loaders.plain import load_plain
from kb.loaders.structure import Part


def load_pdf(name: str, data: bytes) -> list[Part]:
    import pypdfium2

    from kb.errors import DamagedDocument, EmptyDocument, EncryptedDocument

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise EncryptedDocument(f"{name} needs a password; save a copy without one.") from error
        raise DamagedDocument(
            f"{name} is damaged and cannot be opened as a PDF; get a fresh copy."
        ) from error
    pages = []
    for page in pdf:
        text = page.get_textpage()
        pages.append(text.get_text_range().replace("\r\n", "\n"))
        text.close()
        page.close()
    pdf.close()
    if not any(page.strip() for page in pages):
        raise EmptyDocument(
            f"{name} holds no text: its pages are images and need text recognition (OCR) first."
        )
    return load_plain("\f".join(pages))
