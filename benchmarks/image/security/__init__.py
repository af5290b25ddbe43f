"""What the image mark withstands when somebody means it harm: measured, not claimed."""
