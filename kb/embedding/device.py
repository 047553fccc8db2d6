"""Where a model runs: on a GPU that torch can use, else on the processor."""

from __future__ import annotations

import ctypes
import logging
from typing import Literal

DRIVERS = ("libcuda.so.1", "nvcuda.dll")

log = logging.getLogger(__name__)


def choose(setting: Literal["auto", "cpu"]) -> Literal["cuda", "cpu"]:
    """Return "cuda" where the setting allows it, the driver counts a GPU and torch can use it.

    Torch takes seconds to import, so it is asked only after the driver.

    >>> choose("cpu")
    'cpu'
    """
    if setting == "cpu" or not count_gpus():
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    log.warning(
        "This torch %s cannot use the GPU of this computer, so the processor is used; install torch's CUDA"
        ' build, or set embedding.device = "cpu" to be asked no more.',
        torch.__version__,
    )
    return "cpu"


def count_gpus() -> int:
    """Return how many GPUs NVIDIA's driver sees; 0 where there is no driver."""
    count = ctypes.c_int()
    for name in DRIVERS:
        try:
            driver = ctypes.CDLL(name)
        except OSError:
            continue
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    return 0
