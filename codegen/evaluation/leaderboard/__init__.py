"""The leaderboard: one HTML file with the scores of systems, and every case to read, that asks nothing of a network."""

from codegen.evaluation.leaderboard.writing import write

__all__ = ["write"]
