"""`python -m breakcheck` and the `breakcheck` console script."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line; exits 0 clean, 1 findings or failed checks, 2 when the tool could not work."""
    from breakcheck.cli import run

    if sys.argv[1:2] == ["lint"]:
        gc.disable()  # it ends before garbage matters, and a collection would walk every syntax tree
    code = run(sys.argv[1:])
    gc.freeze()  # so would the one at exit: half the time of linting one file
    sys.exit(code)


if __name__ == "__main__":
    main()
