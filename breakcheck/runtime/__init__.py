"""The runtime half: run a case under the compiler and report what was seen. The only part that imports torch."""

from breakcheck.runtime.observation import (
    BreakKind,
    BreakSite,
    CallError,
    FallbackSite,
    Frame,
    GraphInfo,
    GuardClass,
    LimitHit,
    Observation,
    Recompile,
    Signal,
    SkippedFrame,
)
from breakcheck.runtime.observe import observe

__all__ = [
    "BreakKind",
    "BreakSite",
    "CallError",
    "FallbackSite",
    "Frame",
    "GraphInfo",
    "GuardClass",
    "LimitHit",
    "Observation",
    "Recompile",
    "Signal",
    "SkippedFrame",
    "observe",
]
