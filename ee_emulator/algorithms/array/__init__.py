"""Array's algorithms."""
