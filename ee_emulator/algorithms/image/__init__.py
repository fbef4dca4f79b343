"""Image's algorithms."""
