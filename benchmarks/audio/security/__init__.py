"""What the audio mark withstands when somebody means it harm: measured, not claimed."""
