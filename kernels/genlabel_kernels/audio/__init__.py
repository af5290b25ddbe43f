"""The audio mark: its layout, resampling, tiles and their statistics."""
