"""Where generated code runs, and nowhere else: no network but Earth Engine, nothing to write on, limits on all."""
