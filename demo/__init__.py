"""The main job on real pictures, sounds and a film, to look at."""
