"""Batch work: exports and uploads as tasks that run beside interactive requests, and the files that they write."""
