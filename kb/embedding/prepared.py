"""Prepared models: sentence-transformers models converted once and kept in a folder.

models_folder/<digest>/
    manifest.json           source, digest, dimension, limits, file sizes and digests
    model.xml, model.bin    the OpenVINO model (absent for a model that does not convert)
    tokenizer.json
    cache/                  the model as compiled for this processor
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.embedding.device import choose
from kb.embedding.engine import CACHE, OpenVinoEmbedder
from kb.embedding.manifest import (
    MANIFEST,
    Manifest,
    OtherVersion,
    check_sizes,
    check_version,
    describe,
    is_current,
    is_whole,
    list_files,
)
from kb.embedding.source import as_folder, checked, content_digest, locate, named, source_name, stamp
from kb.errors import ModelError

if TYPE_CHECKING:
    from kb.config import EmbeddingConfig
    from kb.types import Embedder

LOCK, SCRATCH = ".lock", ".preparing"

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


def load_embedder(config: EmbeddingConfig) -> Embedder:
    """Open the configured model, preparing it first where that was not done; ModelError.

    Imports no torch for a model that is prepared and converts, but on a GPU.
    """
    config = config.model_copy(update={"model": named(config.model)})
    folder = _find(config)
    if folder is not None:
        try:
            check_version(folder)
            return _open(folder, config)
        except ModelError as error:
            log.warning("%s. It is prepared again.", error)
            if isinstance(error, OtherVersion):
                return _renewed(folder, config)
    return _open(prepare(config), config)


def _renewed(folder: Path, config: EmbeddingConfig) -> Embedder:
    """Prepare a model of another version again; where that cannot be done, run it as it is."""
    try:
        return _open(prepare(config), config)
    except ModelError as error:
        log.warning("%s The model is used as it was prepared.", error)
        return _open(folder, config)


def prepare(config: EmbeddingConfig) -> Path:
    """Convert the configured model, unless that was done, and return the prepared folder.

    A prepared folder that is damaged or of another version is made again.
    Raises ModelError where the model is missing or not the expected one.
    """
    config = config.model_copy(update={"model": named(config.model)})
    if ready := _ready(config):
        return ready
    models = config.models_folder
    with preparing(models):
        # Whoever held the lock before may have done it.
        if ready := _ready(config):
            return ready
        source = checked(config.model)
        digest = content_digest(source)
        if is_whole(models / digest) and is_current(models / digest):
            _restamp(models / digest, config.model, source)
        else:
            _build(models / SCRATCH, models / digest, config.model, source, digest)
        return models / digest


def _ready(config: EmbeddingConfig) -> Path | None:
    folder = _find(config)
    return folder if folder and is_current(folder) and is_whole(folder) else None


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
    check_sizes(folder, manifest)
    if locate(config.model) and choose(config.device) == "cuda":
        try:
            return _in_torch(manifest, config, "cuda")
        except ModelError as error:
            log.warning("%s The processor is used instead of the GPU.", error)
    if not manifest.converted:
        return _in_torch(manifest, config, "cpu")
    try:
        return _engine(folder, manifest, config.batch_tokens, folder / CACHE)
    except Exception as error:  # tokenizers raises bare Exceptions
        raise ModelError(f"The prepared model {folder} cannot be opened: {error}") from error


def _in_torch(manifest: Manifest, config: EmbeddingConfig, device: str) -> Embedder:
    from kb.embedding.torch_model import SentenceTransformerEmbedder

    # A converted model's vectors are those of the original, so an index may be built on a GPU
    # and asked without one.
    digest = manifest.digest if manifest.converted else f"{manifest.digest}-torch"
    with as_folder(checked(config.model)) as folder:
        return SentenceTransformerEmbedder(folder, digest=digest, device=device)


def _engine(
    folder: Path, manifest: Manifest, batch_tokens: int = 1024, cache: Path | None = None
) -> OpenVinoEmbedder:
    return OpenVinoEmbedder(
        folder,
        digest=manifest.digest,
        dimension=manifest.dimension,
        max_tokens=manifest.max_tokens,
        pad_id=manifest.pad_id,
        batch_tokens=batch_tokens,
        prompts=manifest.prompts,
        cache=cache,
    )


def _restamp(folder: Path, model: str, source: Path) -> None:
    replace(Manifest.read(folder), source=source_name(model), stamp=stamp(source)).write(folder)


@contextmanager
def preparing(models: Path) -> Iterator[None]:
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
    _empty(scratch)
    manifest = _convert(scratch, model, source, digest)
    if not manifest.converted:
        _empty(scratch)
    manifest.write(scratch)
    shutil.rmtree(target, ignore_errors=True)
    os.rename(scratch, target)
    if manifest.converted:
        # Compiling once fills the cache, which makes the next start fast.
        _engine(target, manifest, cache=target / CACHE)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def _convert(scratch: Path, model: str, source: Path, digest: str) -> Manifest:
    """Convert a model into the scratch folder, or say in the manifest that it has to run in torch."""
    from kb.embedding.torch_model import SentenceTransformerEmbedder

    with as_folder(source) as folder:
        original = SentenceTransformerEmbedder(folder, digest=digest)
    manifest = describe(source_name(model), stamp(source), digest, original.dimension)
    wanted = original.encode(SAMPLES)
    try:
        original.convert(scratch)
        converted = replace(
            manifest,
            converted=True,
            max_tokens=original.max_tokens,
            pad_id=original.pad_id,
            prompts=original.prompts,
            files=list_files(scratch),
        )
        ours = _engine(scratch, converted).encode(SAMPLES)
    except OSError:
        raise
    except Exception as error:  # whatever a converter cannot do with somebody's model
        log.warning("%s does not convert to OpenVINO (%s); it runs in torch.", source, error)
        return manifest
    cosine = float(np.sum(wanted * ours, axis=1).min())
    log.info("%s converts to a cosine of %.5f.", source, cosine)
    if cosine < FAITHFUL:
        log.warning("%s converts to a cosine of only %.4f; it runs in torch.", source, cosine)
        return manifest
    return converted
