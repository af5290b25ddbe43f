r"""Labels that people read in texts and documents: put in, and found again.

There is no watermark for text in this version: a label that people read and the metadata are all
that a document carries.

>>> import genlabel.text
>>> label = genlabel.text.TextLabel(at=("start", "end"))
>>> genlabel.text.insert("Once upon a time.\n", "txt", "AI-generated")
'AI-generated\n\nOnce upon a time.\n'
"""

from __future__ import annotations

from genlabel.text._label import TextLabel, Trace
from genlabel.text._strings import find, insert

__all__ = ["TextLabel", "Trace", "find", "insert"]
