"""Kernels of the image watermark."""
