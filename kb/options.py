"""What several commands of the command line take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kb.retrieval.filters import Filter

IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
CountOption = Annotated[int | None, typer.Option("-k", min=1, max=1000, help="How many passages.")]
BatchOption = Annotated[Path | None, typer.Option("--batch", help="JSONL file of questions.")]
# What may be given again is met by a document that has one of the values.
DocumentOption = Annotated[
    list[str] | None,
    typer.Option("--document", help="Only this document: id, file name or title. Repeatable."),
]
KindOption = Annotated[
    list[str] | None, typer.Option("--kind", help="Only documents of this kind. Repeatable.")
]
EditionOption = Annotated[
    list[str] | None, typer.Option("--edition", help="Only this edition, or its year. Repeatable.")
]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", help="Only documents dated then or later: 2023, 2023-05 or 2023-05-11."),
]
UntilOption = Annotated[str | None, typer.Option("--until", help="Only documents dated then or earlier.")]
AudienceOption = Annotated[
    list[str] | None, typer.Option("--audience", help="Only documents for these readers. Repeatable.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write; its suffix says how.")
]


def matching(
    documents: list[str] | None,
    kinds: list[str] | None,
    editions: list[str] | None,
    since: str | None,
    until: str | None,
    audiences: list[str] | None,
) -> Filter:
    """Return the filter that these options say."""
    from kb.retrieval.filters import Filter

    return Filter(
        tuple(documents or ()),
        tuple(kinds or ()),
        tuple(editions or ()),
        since,
        until,
        tuple(audiences or ()),
    )
