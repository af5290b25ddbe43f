"""Where labels are put in films."""
