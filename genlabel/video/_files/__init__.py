"""Film files: pictures and sound encoded anew with a mark in them, all else copied."""
