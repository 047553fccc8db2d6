"""Draws small PDFs for the tests: text, rules and bookmarks at given places, and nothing else."""

from __future__ import annotations

from pathlib import Path

Text = tuple[float, float, str]  # x, distance from the top, text
HEIGHT = 800


def page(
    *texts: Text, size: float = 10, bold: bool = False, rules: tuple[tuple[float, ...], ...] = ()
) -> str:
    """Return the drawing of one page: Helvetica at `size`, and rules (x0, top, x1, bottom)."""
    font = "/B" if bold else "/R"
    drawn = [f"BT {font} {size} Tf {x} {HEIGHT - top} Td ({text}) Tj ET" for x, top, text in texts]
    drawn += [f"{x0} {HEIGHT - top} m {x1} {HEIGHT - bottom} l S" for x0, top, x1, bottom in rules]
    return "\n".join(drawn)


def draw(
    path: Path,
    *pages: str,
    extra: str = "",
    outline: tuple[tuple[str, int], ...] = (),
    fields: tuple[str, ...] = (),
) -> Path:
    """Write a PDF with these pages; `outline` names a title and the page, from 0, it leads to.

    `fields` are those of a form on the first page; LAYER in `extra` stands for the layer /L of all pages.
    """
    count = len(pages)
    first = 5  # objects 1 to 4 are the catalogue, the page tree and two fonts
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(count))
    marks = first + 2 * count
    layer = marks + (len(outline) + 1 if outline else 0)
    names = " ".join(f"{layer + 1 + at} 0 R" for at in range(len(fields)))
    form = f"/AcroForm << /Fields [{names}] >>" if fields else ""
    extra = f"{extra.replace('LAYER', f'{layer} 0 R')} {form}"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {f'/Outlines {marks} 0 R' if outline else ''} {extra} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for at, content in enumerate(pages):
        fonts = f"<< /Font << /R 3 0 R /B 4 0 R >> /Properties << /L {layer} 0 R >> >>"
        marked = f"/Annots [{names}]" if fields and at == 0 else ""
        box = f"/MediaBox [0 0 600 {HEIGHT}] /Resources {fonts} /Contents {first + 2 * at + 1} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} {marked} >>")
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    if outline:
        objects += _outline(outline, marks, first)
    objects.append("<< /Type /OCG /Name (Draft) >>")
    objects += [f"<< /Type /Annot /Subtype /Widget {field} /P {first} 0 R >>" for field in fields]
    path.write_bytes(_file(objects))
    return path


def _outline(outline: tuple[tuple[str, int], ...], marks: int, first: int) -> list[str]:
    last = marks + len(outline)
    objects = [f"<< /First {marks + 1} 0 R /Last {last} 0 R /Count {len(outline)} >>"]
    for at, (title, target) in enumerate(outline):
        number = marks + 1 + at
        links = f"/Prev {number - 1} 0 R " if at else ""
        links += f"/Next {number + 1} 0 R" if number < last else ""
        objects.append(
            f"<< /Title ({title}) /Parent {marks} 0 R {links} /Dest [{first + 2 * target} 0 R /Fit] >>"
        )
    return objects


def _file(objects: list[str]) -> bytes:
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    entries = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{entries}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return body + f"{end}startxref\n{len(body)}\n%%EOF\n".encode()
