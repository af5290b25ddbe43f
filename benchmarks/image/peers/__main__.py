"""``python -m benchmarks.image.peers``."""

import sys

from benchmarks.image.peers.runner import main

sys.exit(main())
