"""The code location of the AEF-Econ lineage: streams, labels, training, inference, release."""
