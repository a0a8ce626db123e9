"""A function of numpy that torch has no counterpart of.

## What it does
Finds calls of numpy functions that Dynamo can't map onto torch: `np.interp`, `np.frexp`, `np.isin`,
`np.unravel_index`, `np.select`, `np.intersect1d`, the `nan...` reductions, `np.vectorize`, `np.ndenumerate`
and about a hundred more.

## Why is this bad
Dynamo runs numpy as torch operators, through a table of functions that torch implements (`torch._numpy`).
A function that is not in the table ends the graph: the array is computed, numpy runs on it in Python, and a
second graph starts.

## What to do
Compute it with torch (`torch.isin`, `torch.frexp`, `torch.nansum`), in `__init__`, or outside the compiled
region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

# Public callables of numpy 2 that torch 2.13's table (torch._dynamo.variables.misc.get_np_to_tnp_map) lacks.
MISSING = """
    apply_along_axis apply_over_axes argpartition array2string array_repr array_str asanyarray asarray_chkfinite
    asfortranarray asmatrix astype base_repr binary_repr bitwise_count block bmat compress cumulative_prod
    cumulative_sum delete digitize ediff1d einsum_path extract frexp frombuffer fromfunction fromiter frompyfunc
    fromstring histogram_bin_edges insert interp intersect1d isin ix_ lexsort mask_indices matrix_transpose
    matvec nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod
    nanquantile nanstd nansum nanvar ndenumerate ndindex packbits partition piecewise place poly polyadd polyder
    polydiv polyfit polyint polymul polysub polyval putmask ravel_multi_index require roots select setdiff1d
    setxor1d sort_complex spacing trapezoid trim_zeros union1d unique_all unique_counts unique_inverse
    unique_values unpackbits unravel_index unstack unwrap vecdot vecmat vectorize
""".split()  # noqa: SIM905

RULE = Rule(
    code="BC447",
    name="numpy-without-torch",
    summary="a function of numpy that torch has no counterpart of",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0294",),
    calls=tuple(f"numpy.{name}" for name in MISSING),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is not among the functions of numpy that torch can trace",
        facts,
        because=(facts.callee(node),),
        suggestion="compute it with torch, in `__init__`, or outside the compiled region",
    )
