"""Whose code a file is: the user's (and the libraries they call), or the packages between them and the compiler."""

from __future__ import annotations

import os
import sysconfig

_ENGINE = ("torch", "torch_xla", "torch_tpu", "torchax", "jax", "jaxlib", "numpy", "breakcheck", "opt_einsum")
_STDLIB = sysconfig.get_paths()["stdlib"] + os.sep


def is_users(path: str) -> bool:
    """Whether a file is neither the standard library's nor one of the packages between user and compiler."""
    if path.startswith("<"):
        return False
    for folder in ("/site-packages/", "/dist-packages/"):
        if folder in path:
            return path.split(folder, 1)[1].split("/")[0].removesuffix(".py") not in _ENGINE
    return not path.startswith(_STDLIB) and "/breakcheck/runtime/" not in path
