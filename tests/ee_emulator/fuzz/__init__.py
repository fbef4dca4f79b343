"""Random and mutated expression graphs: every answer is a value or an Earth Engine style error.

`graphs` makes graphs from the shipped signatures, `mutations` damages real ones, `run` evaluates them as the server
does, and `found.jsonl` keeps those that once brought an algorithm down. A short run is part of the suite; the long one
is `python -m tests.ee_emulator.fuzz --count 100000`.
"""
