"""Weights as files, and what tells two models apart."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lake.atomic import replacing


def write_atomically(path: Path, content: dict[str, Any]) -> None:
    """Saves tensors and plain values beside the target, then renames: a killed run leaves the old file or the new."""
    with replacing(path) as temporary:
        torch.save(content, temporary)


def weights_digest(network: nn.Module) -> str:
    """Digest of the names, shapes and values of a network's parameters and buffers."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
