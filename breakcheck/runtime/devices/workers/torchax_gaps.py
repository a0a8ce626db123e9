"""Where torchax 0.0.14 refuses what torch allows: each gap closed with a reason, nothing about any one model."""

from __future__ import annotations

from typing import Any

import torch
from torch._decomp import decomposition_table
from torch.utils import _mode_utils as mode_utils
from torch.utils import _pytree as pytree
from torchax import tensor


class Environment(tensor.Environment):  # type: ignore[misc]
    """torchax's environment, for tracing abstract shapes."""

    def dispatch(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """As torchax; what touches no tensor (`promote_types`, `can_cast`) and what torch can decompose also works."""
        try:
            return super().dispatch(func, types, args, kwargs)
        except tensor.OperatorNotFound:
            if func in tensor.TENSOR_CONSTRUCTORS or not isinstance(func, torch._ops.OpOverload):
                raise
            leaves = pytree.tree_leaves((args, kwargs))
            if not any(isinstance(leaf, torch.Tensor) for leaf in leaves) and "Tensor" not in str(
                func._schema.returns
            ):
                with mode_utils.no_dispatch(), torch._C.DisableTorchFunction():
                    return func(*args, **(kwargs or {}))
            decomposition = decomposition_table.get(func)
            if decomposition is None:
                raise
            with self._dispatch_mode:
                return decomposition(*args, **(kwargs or {}))

    def _should_use_torchax_tensor(self, device: Any) -> bool:
        """As torchax, and on meta always: leaving a nested mode clears the flag it goes by, in the middle of a trace."""
        if device is not None and torch.device(device).type == "meta":
            return True
        return bool(super()._should_use_torchax_tensor(device))
