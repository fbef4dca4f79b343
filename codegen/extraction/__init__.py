"""Which operators of Earth Engine a script calls, and on whose results: told from its text, without running it."""
