"""`python -m breakcheck` and the `breakcheck` console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; exits 0 clean, 1 findings or failed checks, 2 when the tool could not work."""
    from breakcheck.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
