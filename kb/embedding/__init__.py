"""Embedders: sentence-transformers models, converted once to OpenVINO and run fast.

    model folder -> prepare -> models_folder/<digest>/ -> load_embedder -> vectors

Only `prepare` needs torch and sentence-transformers, and only the first time.
Nothing is downloaded.
"""

from kb.embedding.prepared import load_embedder, prepare

__all__ = ["load_embedder", "prepare"]
