"""The benchmark as tasks, solvers and scorers of inspect_ai."""
