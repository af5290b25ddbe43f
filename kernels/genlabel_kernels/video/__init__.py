"""Kernels of the video watermark."""
