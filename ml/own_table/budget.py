"""How often an encoder sees its rows: as asked for, for as long as asked for, or for about 1,500 steps."""

import json
import math
from pathlib import Path

import numpy as np

from lake.atomic import replacing
from ml.batches import Rows, spread
from ml.dataset import StreamTable
from ml.own_table.matrix import Say
from ml.own_table.spec import Spec
from ml.training import train

STEPS = 1_500
"""Steps of an encoder where neither epochs nor seconds are given: enough that small tables are learnt (ours)."""
_TRIAL_ROWS, _TRIAL_EPOCHS, _MOST_EPOCHS = 20_000, 3, 1_000


def training_rows(rows: Rows, spec: Spec) -> Rows:
    """The rows that an encoder is trained on: all of these, or as many as the budget allows."""
    return spread(rows, spec.budget.training_rows) if spec.budget.training_rows else rows


def epochs(spec: Spec, data: StreamTable, encoders: int, record: Path, run: str, say: Say) -> int:
    """Epochs of every encoder.

    Args:
        spec: Its budget.
        data: The table.
        encoders: How many will be trained.
        record: File that keeps what was measured, so that a run which was killed goes on with the same number.
        run: What it was measured for.
        say: Told what was measured.
    """
    budget, rows = spec.budget, training_rows(np.arange(len(data)), spec)
    if budget.epochs is not None:
        return budget.epochs
    if budget.seconds is None:
        return max(3, math.ceil(STEPS / math.ceil(len(rows) / budget.batch)))
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    if before.get("run") != run:
        speed = _rows_a_second(spec, data, rows)
        fitting = int(budget.seconds * speed / (encoders * len(rows)))
        chosen = min(max(1, fitting), _MOST_EPOCHS)
        with replacing(record) as temporary:
            temporary.write_text(json.dumps({"run": run, "epochs": chosen}), encoding="utf-8")
        say(f"{speed:,.0f} rows a second: {chosen} epochs for each of {encoders} encoders in {budget.seconds:g} s.")
        if not fitting:
            say("One epoch alone takes longer than that: set `training_rows` to train on fewer.")
        return chosen
    return int(before["epochs"])


def _rows_a_second(spec: Spec, data: StreamTable, rows: Rows) -> float:
    trial = spread(rows, _TRIAL_ROWS)
    history = train(data, spec.config(_TRIAL_EPOCHS), trial).history
    return len(trial) / min(epoch.seconds for epoch in history)
