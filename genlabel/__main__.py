"""The command line, as ``python -m genlabel``."""

from __future__ import annotations

import sys

from genlabel_cli.main import main

if __name__ == "__main__":
    sys.exit(main())
