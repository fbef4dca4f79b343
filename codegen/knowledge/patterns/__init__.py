"""Which operators callers use together, and in which order: frequent sets, rules between them, frequent sequences."""
