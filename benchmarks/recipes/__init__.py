"""The rows of `benchmarks/reproduce.py`, one module for each part of the field."""
