"""What reducers do: folds of observations into an answer a place."""
