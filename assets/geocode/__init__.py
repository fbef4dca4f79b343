"""The code location of Earth Engine code: the knowledge base, later generation and its evaluation."""
