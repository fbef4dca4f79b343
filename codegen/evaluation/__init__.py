"""Judging models by running what they wrote, in the manner of AutoGEEval (METHODS: AutoGEEval and AutoGEEval++)."""
