"""Combination tasks: chains of operators that scripts call one after the other, and functions that call them."""
