"""The results as a table."""

from __future__ import annotations

from tabulate import tabulate

from breakcheck.bench.rows import Results


def as_markdown(results: Results) -> str:
    """All rows, their limits and verdicts, as a Markdown table; refused rows below with the reason."""
    rows = [
        [
            f"{m.row.model}@{m.row.component}" if m.row.component else m.row.model,
            m.row.variant.value,
            m.row.batch_size,
            f"{m.row.prompt_tokens}+{m.row.new_tokens}",
            f"{m.ms_median:.3f}",
            f"{m.ms_p10:.3f} to {m.ms_p90:.3f}",
            f"{m.limit_ms:.3f}",
            f"{m.over_limit:.2f}",
            "" if m.breaks_per_step is None else m.breaks_per_step,
            m.parity,
        ]
        for m in results.rows.values()
    ]
    headers = [
        "model",
        "variant",
        "batch",
        "tokens",
        "ms/token",
        "p10 to p90",
        "limit ms",
        "x limit",
        "breaks/token",
        "parity",
    ]
    text = tabulate(rows, headers, tablefmt="github", disable_numparse=True)
    for key, reason in results.refused.items():
        text += f"\n\nRefused: {key}: {reason}"
    return text
