"""What an embedding is like from the inside: its dimensionality, its hierarchy of cities, the order within a city.

Every study takes arrays and tables, has one entry function (`study_…`) that returns a dataclass of numbers with
`to_markdown()`, and functions that draw it. `origin` is the sentence on where the data come from; it stands in every
figure and table. How to read them: docs/reading-the-diagnostics.md.
"""
