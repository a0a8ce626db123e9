"""Values in words, for messages about the analysis itself and for its tests."""

from __future__ import annotations

from breakcheck.semantic.values import Kind, Value


def describe(value: Value) -> str:
    """A short form: "tensor[bool]", "size", "const 3", "list of tensor", "module torch.nn.Linear"; `?` may be None.

    `~` marks what rests on an assumption, `!` a shape that depends on data.
    """
    text = _kind(value)
    if value.assumed:
        text = "~" + text
    if value.unbacked:
        text += "!"
    return text + ("?" if value.optional else "")


def _kind(value: Value) -> str:
    if value.kind is Kind.TENSOR:
        return f"tensor[{value.dtype}]" if value.dtype else "tensor"
    if value.kind is Kind.CONST:
        return f"const {value.const!r}"
    if value.alts:
        return " | ".join(describe(alt) for alt in value.alts)
    if value.kind is Kind.CONTAINER:
        name = value.name or "container"
        if value.items is not None:
            return f"{name}({', '.join(describe(item) for item in value.items)})"
        if value.fields:
            return f"{name}({', '.join(f'{key}: {describe(item)}' for key, item in value.fields)})"
        return f"{name} of {describe(value.element)}" if value.element is not None else name
    if value.is_numpy_number:
        return f"numpy {value.dtype}"
    if value.kind in (Kind.PYTHON, Kind.HOST, Kind.MODULE, Kind.FUNCTION, Kind.CLASS):
        return f"{value.kind} {value.name}" if value.name else str(value.kind)
    return str(value.kind)
