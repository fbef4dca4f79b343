"""The cases of a benchmark: what they are, and their published form on disk."""
