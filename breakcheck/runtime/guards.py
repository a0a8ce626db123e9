"""What a failed guard's text says: which kind of change it was and which value changed."""

from __future__ import annotations

import re

from breakcheck.runtime.observation import GuardClass

# Guard texts as torch 2.9 to 2.15 print them, first match wins.
_CLASSES: tuple[tuple[str, GuardClass], ...] = (
    (r"requires_grad mismatch|requires_grad", GuardClass.REQUIRES_GRAD),
    (r"GRAD_MODE|grad_mode|___check_global_state|is_grad_enabled|inference_mode", GuardClass.GRAD_MODE),
    (r"dtype mismatch|tensor .* dtype", GuardClass.DTYPE),
    (r"device index mismatch|dispatch key set mismatch|device mismatch", GuardClass.DEVICE),
    (r"stride mismatch|\.stride\(|storage_offset|contiguous", GuardClass.STRIDE),
    (r"size mismatch.*(expected|actual) [01]\b", GuardClass.ZERO_ONE),
    (r"size\(\)\[\d+\] [!=]= 1\b|^2 <= .*size\(\)|2 <= .*size\(\)", GuardClass.ZERO_ONE),
    (r"size mismatch|rank mismatch|\.size\(\)|size\(\)\[|\bs\d+\b", GuardClass.SIZE),
    (r"___check_obj_id|___check_type_id|id\(|is not .*object|duck shape|weakref", GuardClass.IDENTITY),
    (r"^not [\w.\[\]']+$", GuardClass.CONTAINER),  # an empty container that no longer is
    (r"len\(|dict_keys|list length|___dict_contains|key", GuardClass.CONTAINER),
    (r"==|___check_float|cast_symbool|isinstance", GuardClass.PYTHON_VALUE),
    (r"torch function|default_device|deterministic|autocast|num_threads", GuardClass.GLOBAL_STATE),
)
# An integer kept on an object: "self.step == 3", "L['self'].__dict__['step'] == 3".
_ATTRIBUTE = re.compile(r"(\w\]?\.\w+|__dict__\['\w+'\]|_modules\[.*\]\S*) == -?\d+$")


def classify(guard: str) -> GuardClass:
    """The class of change behind a failed guard."""
    text = guard.split("#", 1)[0]
    if _ATTRIBUTE.search(text.strip()):
        return GuardClass.INT_ATTRIBUTE
    for pattern, kind in _CLASSES:
        if re.search(pattern, text, re.I):
            return kind
    return GuardClass.OTHER


def without_comment(reason: str) -> str:
    """The guard itself: without "0/7: ", the comment that quotes user code and the stack below it."""
    text = re.sub(r"^\d+/\d+:\s*", "", reason.strip()).split("\nUser stack trace", 1)[0]
    return " ".join(text.split("  #", 1)[0].split())


def subject_of(guard: str) -> str:
    """The guarded expression in the user's terms ("self.step", "x"), "" when the text names none."""
    tensor = re.search(r"tensor '([^']+)'", guard)
    if tensor:
        return _readable(tensor[1])
    if re.match(r"^not [\w.\[\]']+$", guard):
        return _readable(guard.removeprefix("not "))
    called = re.search(r"^(?:not )?_{3}\w+\((.+?)(?:, [^\]]*)?\)", guard)
    if called:
        return _readable(called[1])
    sides = [
        side.strip() for side in re.split(r"\s*(?:==|!=|<=|>=|<|>| is not | is )\s*", guard) if side.strip()
    ]
    named = [side for side in sides if not re.match(r"^[-\d.'\"]", side)]
    return _readable(named[0].removeprefix("not ")) if len(sides) > 1 and named else ""


def _readable(expression: str) -> str:
    text = re.sub(r"^[LG]\['(\w+)'\]", r"\1", expression.strip())
    text = re.sub(r"\.__dict__\['(\w+)'\]|\._modules\['(\w+)'\]", lambda m: "." + (m[1] or m[2]), text)
    text = re.sub(r"\._modules\['(\w+)'\]", r".\1", text)
    return re.sub(r"\.(size|stride)\(\)", r".\1()", text)


def source_line_of(guard: str) -> int:
    """The line of user code that a guard's trailing comment ("# y = x[self.n]  # file.py:12 in f") names, or 0."""
    match = re.search(r"#[^\n]*?\.py:(\d+) in ", guard)
    return int(match[1]) if match else 0
