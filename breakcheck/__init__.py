"""breakcheck: find what keeps a PyTorch model from compiling as a whole.

Importing this package loads neither torch nor libcst.
"""

from breakcheck._version import __version__
from breakcheck.case import Call, Case
from breakcheck.watch import BreakcheckFailure, expect

__all__ = ["BreakcheckFailure", "Call", "Case", "__version__", "expect"]
