"""The controlled experiments: a table of runs, each one change from another, run, scored and reported.

That there are 31 over five axes is of arXiv 2606.20697; which 31, and everything else in this package, is ours
(docs/the-31-experiments.md).
"""
