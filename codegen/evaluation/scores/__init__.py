"""What judged cases say of a model: pass@k, stability, errors, resources, ranks."""
