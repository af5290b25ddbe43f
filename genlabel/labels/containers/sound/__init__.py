"""Where labels are put in sound."""
