"""Run by every Python that `breakcheck run` starts (this folder leads PYTHONPATH): begins recording, imports no torch."""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _next_sitecustomize() -> None:
    """Runs the sitecustomize that this one hides, if there is one."""
    import importlib.machinery
    import importlib.util

    rest = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def _record() -> None:
    folder = os.environ.get("BREAKCHECK_RUN_DIR")
    package = os.environ.get("BREAKCHECK_RUN_PACKAGE")
    if not folder or not package:
        return
    sys.path.append(package)
    try:
        from breakcheck.runtime.recording import install
    finally:
        sys.path.remove(package)
    install(folder)


try:
    _record()
except Exception as error:  # the user's program must run whatever becomes of the observer
    sys.stderr.write(f"breakcheck: this process is not observed: {type(error).__name__}: {error}\n")
_next_sitecustomize()
