"""Measurements: what survives which attack, what it costs, and how fast the tool starts."""
