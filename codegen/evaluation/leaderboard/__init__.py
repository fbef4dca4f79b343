"""The page on which models are compared and failing cases are read."""
