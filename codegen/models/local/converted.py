"""The embedded model's weights as transformers reads them fast: unpacked once, kept in the data folder.

On two busy cores a start from the packed file took 48 s and one from the unpacked 7 s, which take 540 MB.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from codegen.models.errors import ModelError
from codegen.models.local.names import PACKAGE
from lake.settings import settings


def converted(weights: Path) -> Path:
    """Folder of the unpacked model, made where it is not there.

    Raises:
        ModelError: It cannot be made.
    """
    folder = settings().data_dir / "models" / f"{PACKAGE}-{version(PACKAGE)}-float32"
    if folder.is_dir():
        return folder
    try:
        _convert(weights, folder)
    except OSError as error:
        raise ModelError(
            f"The embedded model cannot be unpacked to {folder}: {error}. It needs 540 MB; AEF_ECON_DATA_DIR names "
            "another place."
        ) from None
    return folder


def _convert(weights: Path, folder: Path) -> None:
    """Makes the folder whole or not at all; where another process was faster, its folder stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    try:
        temporary.mkdir()
        _unpack(weights, temporary)
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _unpack(weights: Path, folder: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    packed = {"gguf_file": weights.name, "local_files_only": True}
    with quiet():
        loaded: Any = AutoModelForCausalLM.from_pretrained(weights.parent, **packed)
        # It knows that it came from a packed file, and refuses to be saved as anything else.
        told = {key: value for key, value in loaded.config.to_dict().items() if key != "quantization_config"}
        plain = type(loaded)(type(loaded.config).from_dict(told))
        plain.load_state_dict(loaded.state_dict())
        plain.save_pretrained(folder)
        AutoTokenizer.from_pretrained(weights.parent, **packed).save_pretrained(folder)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps transformers' bars and warnings out of the terminal."""
    import transformers

    logging: Any = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
