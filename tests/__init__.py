"""Tests.

The program is served without pyarrow, by which pandas would store texts. It is installed for the
notebooks, as analysts have it; `tests/pipelines/test_arrow.py` compares the two.
"""

import sys

sys.modules["pyarrow"] = None  # type: ignore[assignment]
