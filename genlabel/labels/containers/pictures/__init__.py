"""Where labels are put in pictures."""
