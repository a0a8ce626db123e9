"""What libtpu says of a program: its memory, or why it refused. No library needed."""

from __future__ import annotations

import re
from typing import Any

_HBM = re.compile(
    r"total memory required for (?P<what>[^(]+)\((?P<needed>[\d.]+)(?P<u1>[KMGT])\) exceeds available HBM \((?P<limit>[\d.]+)(?P<u2>[KMGT])\)"
)
_USED = re.compile(r"Used (?P<needed>[\d.]+)(?P<u1>[KMGT]) of (?P<limit>[\d.]+)(?P<u2>[KMGT]) hbm")
_UNIT = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def memory_of(stats: Any) -> dict[str, int]:
    """Bytes on one device, by the compiler: arguments, outputs, what they share, temporaries, code, and the peak."""
    names = ("argument", "output", "alias", "temp", "generated_code")
    memory = {name: int(getattr(stats, f"{name}_size_in_bytes")) for name in names}
    memory["peak"] = memory["argument"] + memory["output"] - memory["alias"] + memory["temp"]
    return memory


def compile_error(error: Exception) -> dict[str, Any]:
    """The compiler's refusal in one line; of too little memory also needed and available bytes of a device."""
    message = " ".join(str(error).split())
    result: dict[str, Any] = {"kind": type(error).__name__, "message": message[:1000]}
    match = _HBM.search(message) or _USED.search(message)
    if match:
        result["kind"] = "out of memory"
        result["needed_bytes"] = int(float(match["needed"]) * _UNIT[match["u1"]])
        result["limit_bytes"] = int(float(match["limit"]) * _UNIT[match["u2"]])
    return result
