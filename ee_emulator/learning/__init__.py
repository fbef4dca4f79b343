"""Machine learning: what classifiers and clusterers learn, apart from how they are called."""
