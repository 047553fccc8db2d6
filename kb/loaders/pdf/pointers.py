"""pdfium's functions that are called for every word or shape, bound without the usual conversions."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


@cache
def pointers() -> dict[str, Callable[..., int]]:
    """Return the functions by name; handles are plain integers.

    They keep the interpreter's lock, as pdfium must never run in two threads at once.
    """
    from pypdfium2 import raw

    integer, handle = ctypes.c_int, ctypes.c_void_p
    shapes = {
        "FPDFText_CountRects": (integer, handle, integer, integer),
        "FPDFText_GetLooseCharBox": (integer, handle, integer, handle),
        "FPDFText_GetFontInfo": (ctypes.c_ulong, handle, integer, handle, ctypes.c_ulong, handle),
        "FPDFText_GetFontWeight": (integer, handle, integer),
        "FPDFText_GetTextObject": (handle, handle, integer),
        "FPDFText_GetCharOrigin": (integer, handle, integer, handle, handle),
        "FPDFText_GetCharBox": (integer, handle, integer, handle, handle, handle, handle),
        "FPDFText_GetCharAngle": (ctypes.c_float, handle, integer),
        "FPDFTextObj_GetTextRenderMode": (integer, handle),
        "FPDFPage_GetObject": (handle, handle, integer),
        "FPDFPageObj_GetType": (integer, handle),
        "FPDFPageObj_GetBounds": (integer, handle, handle, handle, handle, handle),
        "FPDFPageObj_GetMatrix": (integer, handle, handle),
        "FPDFPageObj_GetFillColor": (integer, handle, handle, handle, handle, handle),
        "FPDFPageObj_CountMarks": (integer, handle),
        "FPDFPageObj_GetMark": (handle, handle, ctypes.c_ulong),
        "FPDFPageObjMark_GetParamStringValue": (
            integer,
            handle,
            ctypes.c_char_p,
            handle,
            ctypes.c_ulong,
            handle,
        ),
        "FPDFFormObj_CountObjects": (integer, handle),
        "FPDFFormObj_GetObject": (handle, handle, ctypes.c_ulong),
        "FPDFPath_GetDrawMode": (integer, handle, handle, handle),
        "FPDFPath_CountSegments": (integer, handle),
        "FPDFPath_GetPathSegment": (handle, handle, integer),
        "FPDFPathSegment_GetPoint": (integer, handle, handle, handle),
    }
    return {
        name: ctypes.PYFUNCTYPE(*shape)(ctypes.cast(getattr(raw, name), handle).value)  # type: ignore[arg-type]
        for name, shape in shapes.items()
    }
