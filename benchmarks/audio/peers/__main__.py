"""``python -m benchmarks.audio.peers``."""

import sys

from benchmarks.audio.peers.runner import main

sys.exit(main())
