"""Reads a file and checks that its content is what its name says, before any loader sees it."""

from __future__ import annotations

import codecs
import html
import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kb.errors import DamagedDocument, DocumentError, EmptyDocument, EncryptedDocument
from kb.loaders.limits import MAX_BYTES, MAX_UNPACKED_BYTES

MAX_MEMBER_BYTES = 2**22  # of a file inside that is read here

# The folder or file inside the archive that tells one zipped format from another.
ZIPPED = {
    ".docx": "word/",
    ".pptx": "ppt/",
    ".xlsm": "xl/",
    ".xlsx": "xl/",
    ".odt": "content.xml",
    ".epub": "META-INF/container.xml",
}
TITLE = re.compile(rb"<dc:title[^<>]*>([^<]{1,500})</dc:title>")
# What the standard library raises on a broken archive, by the place that is broken.
DAMAGES = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, RuntimeError)
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
# What is no regular file, by its type.
SPECIAL = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive",
    OLE_MAGIC: "an old binary Office file",
    b"{\\rtf": "an RTF file",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\x1f\x8b": "a gzip archive",
}
# The longer mark first: the UTF-16 mark is the beginning of the UTF-32 one.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.I)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# What a terminal would obey rather than show goes too: escape, delete, and the C1 controls.
UNSHOWN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


def read(path: Path, most: int | None = None) -> bytes:
    """Return the bytes of a file; raises DocumentError if it cannot be read, EmptyDocument if it is empty.

    With `most`, a file of more bytes is refused; else one of more than `MAX_BYTES`.
    """
    most = MAX_BYTES if most is None else most
    try:
        refuse_special(path)
        with open(path, "rb", opener=_opened_at_once) as file:
            data = _read(file, most)
    except FileNotFoundError as error:
        raise DocumentError(f"{path.name}: there is no such file; check the path {path}.") from error
    except PermissionError as error:
        raise DocumentError(f"{path.name} may not be read; change its permissions.") from error
    except OSError as error:
        raise DocumentError(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(data) > most:
        raise DocumentError(f"{path.name} is larger than {most >> 20} MiB; split it into parts.")
    if not data:
        raise EmptyDocument(f"{path.name} is empty (0 bytes); save it again from its source.")
    return data


def refuse_special(path: Path) -> None:
    """Raise DocumentError for what is no regular file: a pipe may never end, and a device has no size.

    Raises OSError where there is nothing.
    """
    if path.is_symlink() and not path.exists():
        raise DocumentError(f"{path.name} is a link that leads nowhere; put the file in its place.")
    kind = SPECIAL.get(stat.S_IFMT(path.stat().st_mode))
    if kind:
        raise DocumentError(f"{path.name} is {kind} and no file; name or put a file in its place.")


def _opened_at_once(name: str, flags: int) -> int:
    """Open a file without waiting for anybody, should it have become a pipe since it was looked at."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _read(file: BinaryIO, most: int) -> bytes:
    """Return at most one byte more than `most`, counted as they come: a size that is told may lie."""
    told = min(os.fstat(file.fileno()).st_size, most)
    data = file.read(told + 1)
    while len(data) <= most and (more := file.read(min(2**20, most + 1 - len(data)))):
        data += more
    return data


def check(name: str, suffix: str, data: bytes) -> None:
    """Raise DamagedDocument or EncryptedDocument unless the bytes fit the suffix."""
    if suffix == ".pdf" and b"%PDF-" not in data[:1024]:
        raise mislabelled(name, suffix, data)
    if suffix == ".rtf" and not data.lstrip().startswith(b"{\\rtf"):
        raise mislabelled(name, suffix, data)
    if suffix in ZIPPED:
        check_archive(name, suffix, data)


def check_archive(name: str, suffix: str, data: bytes) -> None:
    """Raise DamagedDocument or EncryptedDocument unless the bytes are a ZIP of the right inside."""
    if data.startswith(OLE_MAGIC) and "EncryptedPackage".encode("utf-16-le") in data:
        raise EncryptedDocument(f"{name} needs a password; save a copy without one.")
    if not data.startswith(b"PK"):
        raise mislabelled(name, suffix, data)
    with opened(name, data) as archive:
        entries = archive.infolist()
        if not any(entry.filename.startswith(ZIPPED[suffix]) for entry in entries):
            raise DamagedDocument(f"{name} is a ZIP archive but not a {suffix} file; give it its right name.")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise DamagedDocument(
                f"{name} unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB; it is refused."
            )
        locked = suffix == ".odt" and b"encryption-data" in _member(archive, "META-INF/manifest.xml")
        if locked or any(entry.flag_bits & 1 for entry in entries):
            raise EncryptedDocument(f"{name} needs a password; save a copy without one.")


def core_title(name: str, data: bytes) -> str:
    """Return the title among the properties of a zipped Office or OpenDocument file, or nothing."""
    with opened(name, data) as archive:
        found = TITLE.search(_member(archive, "meta.xml") + _member(archive, "docProps/core.xml"))
    return html.unescape(found[1].decode("utf-8", "replace")).strip() if found else ""


@contextmanager
def opened(name: str, data: bytes) -> Iterator[zipfile.ZipFile]:
    """Open an archive; whatever the standard library raises on a broken one becomes DamagedDocument."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive
    except DAMAGES as error:
        raise DamagedDocument(
            f"{name} is damaged: its ZIP archive cannot be opened; get a fresh copy."
        ) from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the beginning of a file in an archive, or nothing if it is not there."""
    if name not in archive.namelist():
        return b""
    with archive.open(name) as member:
        return member.read(MAX_MEMBER_BYTES)


def decode(name: str, data: bytes) -> str:
    r"""Return the text of a file in UTF-8, UTF-16, UTF-32 or Windows-1252, with newlines as line ends.

    >>> decode("a.txt", "Büro\r\n".encode("cp1252"))
    'Büro\n'
    """
    suffix = Path(name).suffix.lower()
    if (kind_of(data) and b"\0" in data[:4096]) or data.startswith(b"%PDF-"):
        raise mislabelled(name, suffix, data)
    try:
        text = data.decode(encoding_of(data))
    except (UnicodeDecodeError, LookupError):
        text = data.decode("cp1252", errors="replace")
    if len(CONTROL.findall(text)) > len(text) / 200:
        raise DamagedDocument(f"{name} is a binary file, not text; give it its right name.")
    return UNSHOWN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def encoding_of(data: bytes) -> str:
    """Guess the encoding of a text from its byte order mark, its declaration or its zero bytes."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    head = data[:4096]
    if head[1::2].count(0) > len(head) / 8:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) / 8:
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        declared = DECLARED.search(head)
        name = declared[1].decode("ascii") if declared else "cp1252"
        return "cp1252" if name.lower() in ("utf-8", "utf8") else name
    return "utf-8"


def mislabelled(name: str, suffix: str, data: bytes) -> DamagedDocument:
    """Return the error for a file whose content is not what its name says."""
    found = kind_of(data)
    if found:
        return DamagedDocument(f"{name} is named {suffix} but is {found}; give it its right name.")
    return DamagedDocument(f"{name} is named {suffix} but does not begin like one; get a fresh copy.")


def kind_of(data: bytes) -> str:
    """Return what kind of file the first bytes announce, or nothing.

    >>> kind_of(b"%PDF-1.7 ...")
    'a PDF'
    """
    return next((kind for mark, kind in MAGIC.items() if data.startswith(mark)), "")
