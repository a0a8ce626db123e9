"""The words rules are written in: GB ids that torch knows, codes and families, rows of the measured table."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from breakcheck.finding import Effect
from breakcheck.registry import load_rules
from breakcheck.versions import KNOWN_RELEASES, Environment

RULES = load_rules()
# Effects each family may claim; a rule in the wrong family sends people to the wrong remedy.
FAMILIES = {
    "BC1": {Effect.GRAPH_BREAK, Effect.SYNC},
    "BC2": {Effect.GRAPH_BREAK, Effect.SYNC},
    "BC3": {Effect.GRAPH_BREAK, Effect.SYNC, Effect.ERROR},
    "BC4": {Effect.GRAPH_BREAK, Effect.SYNC, Effect.ERROR},
    "BC5": {Effect.GRAPH_BREAK, Effect.ERROR, Effect.SYNC},
    "BC6": {Effect.RECOMPILE, Effect.RECOMPILE_LIMIT},
    "BC7": {Effect.FALLBACK, Effect.CUDAGRAPH_SKIP, Effect.SYNC},
    "BC8": {Effect.XLA, Effect.RECOMPILE, Effect.SYNC},
}


def registry() -> dict[str, object]:
    """Torch's own list of graph breaks, GB id -> its texts."""
    torch = pytest.importorskip("torch")
    from pathlib import Path

    path = Path(torch.__file__).parent / "_dynamo" / "graph_break_registry.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.code)
def test_the_installed_torch_knows_every_gb_id_a_rule_names(loaded: object) -> None:
    rule = loaded.rule  # type: ignore[attr-defined]
    newer = {"GB4818", "GB6815", "GB9193"}  # of torch 2.15: benchmarks/results/rules_by_torch.md
    assert set(rule.gb_ids) - set(registry()) - newer == set()


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.code)
def test_a_rule_that_claims_a_graph_break_names_its_gb_ids(loaded: object) -> None:
    rule = loaded.rule  # type: ignore[attr-defined]
    assert bool(rule.gb_ids) or Effect.GRAPH_BREAK not in rule.effects


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.code)
def test_code_family_and_effects_agree(loaded: object) -> None:
    rule = loaded.rule  # type: ignore[attr-defined]
    assert re.fullmatch(r"BC[1-8]\d\d", rule.code)
    assert set(rule.effects) <= FAMILIES[rule.code[:3]]


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.code)
def test_a_rule_holds_in_a_release_somebody_measured(loaded: object) -> None:
    rule = loaded.rule  # type: ignore[attr-defined]
    assert Environment(KNOWN_RELEASES).admits(rule.versions)


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.code)
def test_the_rows_a_rule_cites_are_in_the_measured_table(loaded: object) -> None:
    rows = json.loads((files("breakcheck") / "data" / "matrix.json").read_text(encoding="utf-8"))["rows"]
    rule = loaded.rule  # type: ignore[attr-defined]
    assert set(rule.matrix) - set(rows) == set()


def test_a_summary_is_one_lower_case_phrase_without_a_full_stop() -> None:
    wrong = [
        loaded.rule.code
        for loaded in RULES
        if loaded.rule.summary.endswith(".") or len(loaded.rule.summary) > 110
    ]
    assert wrong == []
