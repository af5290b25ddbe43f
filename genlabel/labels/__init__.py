"""What a file declares about its origin: AIGC, XMP and C2PA labels, and where they are put."""
