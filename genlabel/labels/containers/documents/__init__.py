"""Where labels are put in texts and documents."""
