"""Models: streams in, embeddings out. Knows no Dagster."""
