"""The reader in torch: what is trained (`eval/train/reader.py`), and converted to OpenVINO once.

Weights in a file are bytes with a scale a row for matrices, half precision for the rest; the word vectors
are e5's own and not in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from transformers import BertModel

from kb.embedding.runner import import_openvino
from kb.embedding.torch_model import quantise_words, quiet

SCALE = ".scale"


class Network(torch.nn.Module):  # type: ignore[misc]
    """The first layers of e5 with two heads on every token: (n, width) ids -> (n, width, 2) scores.

    Score 0 is the token's part in its block, score 1 of the first token the passage's.
    """

    def __init__(self, e5: Path, layers: int) -> None:
        super().__init__()
        self.body = BertModel.from_pretrained(
            str(e5),
            add_pooling_layer=False,
            dtype="float32",
            local_files_only=True,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.body.encoder.layer = self.body.encoder.layer[:layers]
        self.body.config.num_hidden_layers = layers
        self.heads = torch.nn.Linear(self.body.config.hidden_size, 2)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return the two scores of every token."""
        found = self.body(input_ids=input_ids, attention_mask=attention_mask)
        scores: torch.Tensor = self.heads(found.last_hidden_state)
        return scores


def save_weights(network: Network, path: Path) -> None:
    """Write what was trained, without the word vectors."""
    held: dict[str, np.ndarray[Any, Any]] = {}
    for name, tensor in network.state_dict().items():
        if "word_embeddings" in name:
            continue
        values = tensor.detach().numpy()
        if values.ndim == 2 and len(values) > 2:
            scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-12) / 127
            held[name] = np.round(values / scale).astype(np.int8)
            held[name + SCALE] = scale.astype(np.float32)
        else:
            held[name] = values.astype(np.float16)
    save_file(held, path)


def load_network(e5: Path, weights: Path) -> Network:
    """Read what was trained onto the layers of e5 (the folder of a sentence-transformers model)."""
    held = load_file(weights)
    state = {
        name: torch.from_numpy(values.astype(np.float32) * held.get(name + SCALE, np.float32(1)))
        for name, values in held.items()
        if not name.endswith(SCALE)
    }
    layers = 1 + max(int(name.split(".")[3]) for name in state if name.startswith("body.encoder.layer."))
    network = Network(e5, layers)
    missing, unexpected = network.load_state_dict(state, strict=False)
    left = [name for name in missing if "word_embeddings" not in name and "position_ids" not in name]
    if left or unexpected:
        raise ValueError(f"{weights} does not fit the network: {left + unexpected}")
    network.eval()
    return network


def convert(e5: Path, weights: Path, model: Path) -> None:
    """Write the reader as an OpenVINO model."""
    openvino = import_openvino()
    network = load_network(e5, weights)
    quantise_words(network.body)
    example = {name: torch.ones(2, 12, dtype=torch.long) for name in ("input_ids", "attention_mask")}
    shapes = [(name, openvino.PartialShape([-1, -1]), openvino.Type.i64) for name in example]
    with quiet():
        converted = openvino.convert_model(network, example_input=example, input=shapes)
    openvino.save_model(converted, model, compress_to_fp16=True)
