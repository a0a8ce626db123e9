"""breakcheck: find what keeps a PyTorch model from compiling as a whole.

Importing this package loads neither torch nor libcst.
"""

from breakcheck._version import __version__
from breakcheck.case import Call, Case

__all__ = ["Call", "Case", "__version__"]
