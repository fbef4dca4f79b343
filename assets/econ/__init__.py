"""AEF-Econ: from streams to released embeddings."""

import warnings

# Backfill policies are marked beta, which Dagster tells at each of our assets; we pin its version (constraints.txt).
warnings.filterwarnings("ignore", message=".*is currently in beta.*")
