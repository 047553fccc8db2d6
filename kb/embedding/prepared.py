"""Prepared models: sentence-transformers models converted once and kept in a folder.

models_folder/<digest>/
    manifest.json           source, digest, dimension, limits, file sizes and digests
    model.xml, model.bin    the OpenVINO model (absent for a model that does not convert)
    tokenizer.json
    cache/                  the model as compiled for this processor
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.embedding.engine import CACHE, OpenVinoEmbedder
from kb.embedding.source import checked, content_digest, file_digest, locate, source_name, stamp
from kb.errors import ModelError

if TYPE_CHECKING:
    from kb.config import EmbeddingConfig
    from kb.types import Embedder

FORMAT = 1
MANIFEST, LOCK, SCRATCH = "manifest.json", ".lock", ".preparing"

# A conversion takes half a minute; whoever waits this long waits in vain.
LOCK_SECONDS = 600

# Vectors of a faithful conversion differ by rounding only.
FAITHFUL = 0.999
SAMPLES = (
    "Data",
    "Who coordinates the working group?",
    "The Ministry shall publish its open data strategy by 30 June 2024 (see Annex II, para. 4).",
    "ÉTAT DES LIEUX: l'administration électronique, 2022/23 – 45 % of services; 数据治理",
    *(" ".join(["Public bodies share data under agreed standards."] * n) for n in (4, 12, 30, 90)),
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a prepared model says of itself; `files` maps its files to (bytes, SHA-256)."""

    format: int
    source: str
    stamp: str
    digest: str
    converted: bool
    dimension: int
    max_tokens: int
    pad_id: int
    files: dict[str, tuple[int, str]]
    versions: dict[str, str]

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


def load_embedder(config: EmbeddingConfig) -> Embedder:
    """Open the configured model, preparing it first where that was not done; ModelError.

    Imports no torch for a model that is prepared and converts.
    """
    folder = _find(config)
    if folder is not None:
        try:
            return _open(folder, config)
        except ModelError as error:
            log.warning("%s. It is prepared again.", error)
    return _open(prepare(config), config)


def prepare(config: EmbeddingConfig) -> Path:
    """Convert the configured model, unless that was done, and return the prepared folder.

    A prepared folder that is damaged or of another version is made again.
    Raises ModelError where the model is missing or not the expected one.
    """
    if ready := _ready(config):
        return ready
    models = config.models_folder
    with _preparing(models):
        # Whoever held the lock before may have done it.
        if ready := _ready(config):
            return ready
        source = checked(config.model)
        digest = content_digest(source)
        if _whole(models / digest):
            _restamp(models / digest, config.model, source)
        else:
            _build(models / SCRATCH, models / digest, config.model, source, digest)
        return models / digest


def _ready(config: EmbeddingConfig) -> Path | None:
    folder = _find(config)
    return folder if folder and _whole(folder) else None


def _find(config: EmbeddingConfig) -> Path | None:
    """Return the folder prepared from this source as it is now, or as it last was if it is gone."""
    source = locate(config.model)
    current = stamp(source) if source else None
    for path in sorted(config.models_folder.glob(f"[!.]*/{MANIFEST}")):
        try:
            manifest = Manifest.read(path.parent)
        except ModelError:
            # Another model's folder, or this one's: then it is prepared again under the same name.
            continue
        if manifest.source == source_name(config.model) and current in (None, manifest.stamp):
            return path.parent
    return None


def _open(folder: Path, config: EmbeddingConfig) -> Embedder:
    manifest = Manifest.read(folder)
    for name, (size, _) in manifest.files.items():
        if not (folder / name).is_file() or (folder / name).stat().st_size != size:
            raise ModelError(f"The prepared model {folder} is damaged: {name} is missing or cut short")
    if not manifest.converted:
        from kb.embedding.torch_model import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(checked(config.model), digest=f"{manifest.digest}-torch")
    try:
        return _engine(folder, manifest, config.batch_tokens, folder / CACHE)
    except Exception as error:  # tokenizers raises bare Exceptions
        raise ModelError(f"The prepared model {folder} cannot be opened: {error}") from error


def _engine(
    folder: Path, manifest: Manifest, batch_tokens: int, cache: Path | None = None
) -> OpenVinoEmbedder:
    return OpenVinoEmbedder(
        folder,
        digest=manifest.digest,
        dimension=manifest.dimension,
        max_tokens=manifest.max_tokens,
        pad_id=manifest.pad_id,
        batch_tokens=batch_tokens,
        cache=cache,
    )


def _whole(folder: Path) -> bool:
    """Compare every file of a prepared folder with its digest."""
    try:
        files = Manifest.read(folder).files
        return all(file_digest(folder / name) == digest for name, (_, digest) in files.items())
    except (ModelError, OSError):
        return False


def _restamp(folder: Path, model: str, source: Path) -> None:
    replace(Manifest.read(folder), source=source_name(model), stamp=stamp(source)).write(folder)


@contextmanager
def _preparing(models: Path) -> Iterator[None]:
    """Hold the lock of the models folder, and put its errors into words."""
    from filelock import FileLock, Timeout

    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(models / LOCK, timeout=LOCK_SECONDS):
            yield
    except Timeout as error:
        raise ModelError(f"Another process has been preparing a model in {models} for too long.") from error
    except OSError as error:
        raise ModelError(f"Cannot prepare the model in {models}: {error}") from error


def _build(scratch: Path, target: Path, model: str, source: Path, digest: str) -> None:
    """Convert aside and rename, so that whoever finds the target finds it whole."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    manifest = _convert(scratch, model, source, digest)
    manifest.write(scratch)
    shutil.rmtree(target, ignore_errors=True)
    os.rename(scratch, target)
    if manifest.converted:
        # Compiling once fills the cache, which makes the next start fast.
        _engine(target, manifest, batch_tokens=64, cache=target / CACHE)


def _convert(scratch: Path, model: str, source: Path, digest: str) -> Manifest:
    from importlib.metadata import version

    from kb.embedding import torch_model

    torch = torch_model.load_torch_model(source)
    manifest = Manifest(
        format=FORMAT,
        source=source_name(model),
        stamp=stamp(source),
        digest=digest,
        converted=True,
        dimension=int(torch.get_embedding_dimension()),
        max_tokens=torch_model.max_tokens(torch),
        pad_id=int(torch.tokenizer.pad_token_id or 0),
        files={},
        versions={
            name: version(name) for name in ("openvino", "sentence-transformers", "torch", "transformers")
        },
    )
    if not _faithful(scratch, torch, manifest):
        return replace(manifest, converted=False)
    return replace(manifest, files=_files(scratch))


def _faithful(scratch: Path, torch: Any, manifest: Manifest) -> bool:  # noqa: ANN401
    """Convert and compare the two models' vectors of the samples."""
    from kb.embedding import torch_model

    try:
        torch_model.convert(torch, scratch)
        ours = _engine(scratch, manifest, batch_tokens=4096).encode(SAMPLES)
    except OSError:
        raise
    except Exception as error:  # whatever a converter cannot do with somebody's model
        log.warning("%s does not convert to OpenVINO (%s); it runs in torch.", manifest.source, error)
        return False
    cosine = float(np.sum(ours * torch_model.torch_vectors(torch, SAMPLES), axis=1).min())
    if cosine < FAITHFUL:
        log.warning("%s converts to a cosine of only %.4f; it runs in torch.", manifest.source, cosine)
    return cosine >= FAITHFUL


def _files(folder: Path) -> dict[str, tuple[int, str]]:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {path.name: (path.stat().st_size, file_digest(path)) for path in files}
