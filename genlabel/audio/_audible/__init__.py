"""The labels that people hear: laid into sound, and heard again."""
