"""Classifier: one that was exported to an asset."""

from ee_emulator.catalog.own import OwnClassifier
from ee_emulator.errors import EarthEngineError
from ee_emulator.graph import evaluate
from ee_emulator.learning.models import Classifier
from ee_emulator.registry import Context, algorithm, coerce


@algorithm("Classifier.load")
def load(id: str, *, context: Context) -> Classifier:
    """The exported classifier, which learns again from what it was exported with.

    Raises:
        EarthEngineError: There is no such asset, or it is no classifier.
    """
    asset = context.catalog.get(id)
    if asset is None:
        raise EarthEngineError(
            f"Classifier.load: Classifier asset '{id}' not found (does not exist or caller does not have access)."
        )
    if not isinstance(asset, OwnClassifier):
        raise EarthEngineError(f"Classifier.load: Asset '{id}' is not a Classifier.")
    classifier: Classifier = coerce(evaluate(asset.expression, context), "Classifier", context)
    return classifier
