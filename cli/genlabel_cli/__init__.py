"""The command line: argparse, one file per command, the SDK imported inside functions."""
