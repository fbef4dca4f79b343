"""Classifiers and clusterers applied to images and collections."""

from ee_emulator.learning.apply import predicted_image, with_predictions
from ee_emulator.learning.models import Classifier, Clusterer
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, algorithm
from ee_emulator.values import Collection


@algorithm("Image.classify")
def classify(image: Image, classifier: Classifier, output_name: str) -> Image:
    """What a classifier answers of each pixel."""
    return predicted_image(image, classifier, output_name)


@algorithm("Image.cluster")
def cluster(image: Image, clusterer: Clusterer, output_name: str) -> Image:
    """The cluster of each pixel."""
    return predicted_image(image, clusterer, output_name)


@algorithm("FeatureCollection.classify")
def classify_features(
    features: Collection, classifier: Classifier, output_name: str, *, context: Context
) -> Collection:
    """Each feature with what a classifier answers of it."""
    return with_predictions(features, classifier, output_name, context.budget)


@algorithm("FeatureCollection.cluster")
def cluster_features(features: Collection, clusterer: Clusterer, output_name: str, *, context: Context) -> Collection:
    """Each feature with the number of its cluster."""
    return with_predictions(features, clusterer, output_name, context.budget)
