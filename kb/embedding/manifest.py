"""What a prepared model says of itself, and whether its files are as they were written."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kb.embedding.source import file_digest
from kb.errors import ModelError

# Raised with every change to what is written into a prepared folder.
FORMAT = 2
MANIFEST = "manifest.json"
LIBRARIES = ("openvino", "sentence-transformers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a prepared model comes from, and what is needed to run it.

    `stamp` and `digest` tell the state of its source; `versions` the libraries
    that prepared it. `prompts` is what the model wants in front of a "query"
    and a "passage". `files` maps its files to (bytes, SHA-256) and is empty
    for a model that is not `converted` and runs in torch.
    """

    format: int
    source: str
    stamp: str
    digest: str
    dimension: int
    versions: dict[str, str]
    converted: bool = False
    max_tokens: int = 0
    pad_id: int = 0
    prompts: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read it from a prepared folder; ModelError if it is missing or of another format."""
        try:
            values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if values["format"] != FORMAT:
                raise ValueError(f"format {values['format']} instead of {FORMAT}")
            values["files"] = {name: (int(size), str(sha)) for name, (size, sha) in values["files"].items()}
            return cls(**values)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"The prepared model {folder} is damaged: {error}") from error

    def write(self, folder: Path) -> None:
        """Write it into a prepared folder, in one step."""
        aside = folder / f"{MANIFEST}.new"
        aside.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        os.replace(aside, folder / MANIFEST)


def describe(source: str, stamp: str, digest: str, dimension: int) -> Manifest:
    """Begin the manifest of a model that these libraries prepare."""
    from importlib.metadata import version

    return Manifest(FORMAT, source, stamp, digest, dimension, {name: version(name) for name in LIBRARIES})


def list_files(folder: Path) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 of every file of a folder."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {path.name: (path.stat().st_size, file_digest(path)) for path in files}


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Raise ModelError if a file is missing or has another size. Costs no reading."""
    for name, (size, _) in manifest.files.items():
        if not (folder / name).is_file() or (folder / name).stat().st_size != size:
            raise ModelError(f"The prepared model {folder} is damaged: {name} is missing or cut short")


class OtherVersion(ModelError):
    """A model was prepared by another version of OpenVINO than the one that is installed."""


def check_version(folder: Path) -> None:
    """Raise OtherVersion where the OpenVINO that is installed may not read or run the folder's model."""
    from importlib.metadata import version

    manifest = Manifest.read(folder)
    written, installed = manifest.versions.get("openvino"), version("openvino")
    if manifest.converted and written != installed:
        raise OtherVersion(
            f"The prepared model {folder} was written by OpenVINO {written}, and this is {installed}"
        )


def is_current(folder: Path) -> bool:
    """Tell whether the OpenVINO that is installed wrote a prepared folder."""
    try:
        check_version(folder)
    except OtherVersion:
        return False
    return True


def is_whole(folder: Path) -> bool:
    """Compare every file of a prepared folder with its digest. Reads all of them."""
    try:
        files = Manifest.read(folder).files
        return all(file_digest(folder / name) == digest for name, (_, digest) in files.items())
    except (ModelError, OSError):
        return False
