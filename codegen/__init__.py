"""Earth Engine knowledge base, code generation and its evaluation. Knows no Dagster; empty until its first corpus lands."""
