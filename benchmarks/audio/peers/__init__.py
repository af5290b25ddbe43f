"""Other audio marks: one that runs here, and published figures of neural ones."""
