"""Your own table: a model, its embeddings and their scores for any table of streams; no Dagster, no lake, no cities.

`spec` is what a user writes, `sources` and `layout` find its columns in the files, `matrix` reads them into a
memory-mapped matrix, `plan` deals the rows into folds, `fitting` trains and scores, `report` tells, `embedding` and
`probing` work on further tables. Of the paper is CAR only; that any table can be brought is ours.
"""
