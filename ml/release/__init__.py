"""What leaves the house: embeddings of partitions as COG, Parquet, STAC and pictures. Knows no Dagster."""
