"""Weights as files, and what tells two models apart."""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import torch
from torch import nn


def write_atomically(path: Path, content: dict[str, Any]) -> None:
    """Saves tensors and plain values beside the target, then renames: a killed run leaves the old file or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        torch.save(content, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def weights_digest(network: nn.Module) -> str:
    """Digest of the names, shapes and values of a network's parameters and buffers."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
