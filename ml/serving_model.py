"""The registered model's code, logged with it: raw named stream columns to embeddings, without this repository.

MLflow copies this one file into the model and runs it where the model is loaded, so that it imports nothing of the
project: only torch, numpy, pandas and mlflow.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import torch

_BATCH = 4096


class EmbeddingModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]
    """Takes a table of stream columns in stated units, in any order, and gives unit-length embeddings.

    A missing value is NaN (for AEF also -128). A row of which every stream is missing gives NaN.

    Attributes:
        network: The exported graph: float32 (n, columns) to float32 (n, 256).
        columns: Names of its columns, in order.
        card: Path of the model card.
    """

    network: Any
    columns: list[str]
    card: str

    def load_context(self, context: Any) -> None:
        """Loads the exported graph, the order of its columns and the card."""
        table = json.loads(Path(context.artifacts["columns"]).read_text(encoding="utf-8"))
        self.columns = [column["name"] for column in table]
        self.card = context.artifacts["card"]
        self.network = torch.export.load(context.artifacts["network"]).module()

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:
        """Embeddings of the table's rows; float32 (n, 256).

        Raises:
            ValueError: Columns are missing; names them.
        """
        lacking = [column for column in self.columns if column not in model_input.columns]
        if lacking:
            raise ValueError(f"The input lacks the columns {', '.join(lacking)}; give NaN for what is not known.")
        raw = torch.from_numpy(np.array(model_input[self.columns], dtype=np.float32))
        with torch.inference_mode():
            parts = [self.network(raw[start : start + _BATCH]) for start in range(0, max(len(raw), 1), _BATCH)]
        return torch.cat(parts).numpy()


mlflow.models.set_model(EmbeddingModel())
