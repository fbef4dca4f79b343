"""Random and mutated expression graphs: every answer is a value or an Earth Engine style error.

`graphs` makes graphs from the shipped signatures, `mutations` damages real ones, `run` evaluates them as the server
does. A short run is part of the suite; `python -m tests.ee_emulator.fuzz --count 100000` is the long one.
"""
