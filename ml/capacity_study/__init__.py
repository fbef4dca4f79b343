"""Where narrow streams are suppressed, and what a decoder of their own changes: the study of capacity."""

from ml.capacity_study.cells import Plan
from ml.capacity_study.study import CapacityStudy, capacity_study

__all__ = ["CapacityStudy", "Plan", "capacity_study"]
