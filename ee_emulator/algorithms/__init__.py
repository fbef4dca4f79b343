"""Earth Engine server functions, one module a type; each registers itself against the shipped signatures."""
