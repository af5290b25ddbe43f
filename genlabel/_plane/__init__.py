"""What the detectors of pictures and of film have in common: planes of luma and tiles on them."""
