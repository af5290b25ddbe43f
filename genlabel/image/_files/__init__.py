"""Picture files: samples out, new samples in, and everything around them kept."""
