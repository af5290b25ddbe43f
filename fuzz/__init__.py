"""Fuzzing of every parser of files: ``make fuzz``, or ``python -m fuzz [TARGET...]``."""
