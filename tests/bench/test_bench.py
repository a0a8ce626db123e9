"""`breakcheck bench`: rows are kept as they come, resumed after a kill, refused when wrong, and drawn."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="bench measures with torch")

from breakcheck.bench import runner  # noqa: E402
from breakcheck.bench.figures import draw  # noqa: E402
from breakcheck.bench.protocol import figure_rows, shape_of  # noqa: E402
from breakcheck.bench.rows import Measured, Results, Row, Variant, read_results  # noqa: E402
from breakcheck.bench.runner import keep, open_results, run_rows  # noqa: E402
from breakcheck.errors import BreakcheckError  # noqa: E402

ROW = Row("llama2-tiny", Variant.EAGER, 1, 16, 50)
MACHINE = {"processor": "one", "torch": "2.13.0"}


def measured(row: Row, ms: float = 2.0, parity: str = "pass") -> Measured:
    return Measured(row, ms, ms * 0.9, ms * 1.1, limit_ms=0.5, bytes_per_step=1000, parity=parity)


def results(path: Path, rows: list[Row]) -> Results:
    kept = {row.key: measured(row, 1 + i) for i, row in enumerate(rows)}
    return Results(path, MACHINE, {"read": 2e10}, ["breakcheck bench"], kept)


def command(*arguments: object) -> list[str]:
    return [
        sys.executable,
        "-m",
        "breakcheck",
        "bench",
        "llama2-tiny",
        "--device",
        "cpu",
        *map(str, arguments),
    ]


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    arguments = command("--variant", "eager", "--variant", "sdpa", "--output", output)
    first = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and not (output.exists() and json.loads(output.read_text())["rows"]):
        assert first.poll() is None, "the run ended before it wrote a row"
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    kept = read_results(output).rows
    assert kept
    again = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
    assert again.returncode == 0, again.stderr
    after = read_results(output)
    assert [row.row.variant.value for row in after.rows.values()] == ["eager", "sdpa"]
    for key, row in kept.items():
        assert after.rows[key] == row, "a row that was there is not measured again"
        assert f"{key}: in {output} already" in again.stderr


def test_a_row_with_wrong_numbers_is_refused_and_not_among_the_results(tmp_path: Path) -> None:
    into = results(tmp_path / "r.json", [])
    said: list[str] = []
    keep(measured(ROW, parity="cosine 0.93 < 0.999"), into, said.append)
    assert into.rows == {}
    assert into.refused == {ROW.key: "parity failed: cosine 0.93 < 0.999"}
    assert "refused" in said[0]


def test_a_row_whose_steps_differ_much_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    keep(measured(ROW), results(tmp_path / "r.json", []), said.append)
    keep(dataclasses.replace(measured(ROW), ms_p90=9.0), results(tmp_path / "r.json", []), said.append)
    assert ["uneven: 1.800 to 9.000" in line for line in said] == [False, True]


def test_a_row_that_cannot_run_is_refused_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from breakcheck.bench import measure

    def fails_on_eager(row: Row, *_: object) -> Measured:
        if row.variant is Variant.EAGER:
            raise torch.OutOfMemoryError("out of memory: 3 GiB wanted")
        return measured(row)

    monkeypatch.setattr(measure, "measure", fails_on_eager)
    into = results(tmp_path / "r.json", [])
    other = Row("llama2-tiny", Variant.SDPA, 1, 16, 50)
    run_rows([ROW, other], into, "cpu", "float32", lambda _: None)
    saved = read_results(tmp_path / "r.json")
    assert list(saved.rows) == [other.key]
    assert saved.refused == {ROW.key: "OutOfMemoryError: out of memory: 3 GiB wanted"}


def test_results_of_another_machine_are_not_mixed_with_this_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.json"
    results(path, [ROW]).save()
    before = path.read_bytes()
    monkeypatch.setattr(runner, "describe", lambda _: {**MACHINE, "torch": "2.14.0"})
    with pytest.raises(BreakcheckError, match=r"other versions \(torch differ\); name another file"):
        open_results(path, "cpu", "breakcheck bench")
    assert path.read_bytes() == before


def test_results_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    written = results(tmp_path / "r.json", [ROW])
    written.save()
    assert read_results(tmp_path / "r.json") == written


@pytest.mark.parametrize("text", ["", "[1]", '{"rows": 3}'])
def test_a_file_that_holds_no_results_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(BreakcheckError, match=r"no results file of `breakcheck bench`"):
        read_results(tmp_path / "r.json")


def test_the_three_figures_are_drawn_of_the_rows_they_need(tmp_path: Path) -> None:
    rows = [row for figure in (1, 2, 3) for row in figure_rows(figure, "llama2-tiny", 128)]
    names = [path.name for path in draw(results(tmp_path / "r.json", rows), tmp_path / "figures")]
    assert names == [f"figure{n}.{suffix}" for n in (1, 2, 3) for suffix in ("svg", "png")]
    drawn = (tmp_path / "figures/figure3.svg").read_text()
    assert drawn.startswith("<?xml")
    assert (tmp_path / "figures/figure1.png").read_bytes().startswith(b"\x89PNG")


def test_a_figure_without_its_rows_is_not_drawn(tmp_path: Path) -> None:
    rows = figure_rows(1, "llama2-tiny", 128)
    assert [path.name for path in draw(results(tmp_path / "r.json", rows), tmp_path)] == [
        "figure1.svg",
        "figure1.png",
    ]


def test_the_rows_are_the_protocol_of_the_source() -> None:
    context = shape_of("llama2-7b").max_seq_len
    first = figure_rows(1, "llama2-7b", context, Variant.CUDA_GRAPHS)
    assert {(row.batch_size, row.prompt_tokens, row.new_tokens) for row in first} == {(1, 512, 50)}
    assert [row.variant.value for row in first] == ["eager", "sdpa", "compile", "compile+sdpa", "cuda-graphs"]
    second = figure_rows(2, "llama2-7b", context, Variant.CUDA_GRAPHS)
    assert [row.sequence_length for row in second] == [1024, 2048, 4096]
    third = figure_rows(3, "llama2-7b", context, Variant.CUDA_GRAPHS)
    assert [(row.batch_size, row.sequence_length) for row in third] == [(1, 4096), (4, 4096), (8, 4096)]


def test_a_model_of_fewer_layers_is_the_preset_cut() -> None:
    assert shape_of("llama2-70b:12").num_layers == 12
    with pytest.raises(ValueError, match="a number of layers, 1 to 80"):
        shape_of("llama2-70b:81")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--variant", "fast"], "--variant fast: unknown; there are eager, sdpa"),
        (["--device", "cuda"], "this torch sees no CUDA device"),
        (["--price", "1.2"], "--mesh and --price are for --device tpu"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_file(tmp_path: Path, arguments: list[str], line: str) -> None:
    if "cuda" in arguments and torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    output = tmp_path / "bench.json"
    done = subprocess.run(
        command("--output", output, *arguments), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2
    assert line in done.stderr
    assert done.stderr.count("\n") == 1
    assert not output.exists()


def test_int8_is_quantized_as_it_is_drawn_and_held_to_what_was_drawn() -> None:
    from breakcheck.bench.measure import build, build_int8
    from breakcheck.bench.reference import probe_tokens, reference_logits

    row = Row("llama2-tiny", Variant.FUSED_INT8, 1, 16, 8)
    tokens = probe_tokens(shape_of(row.model).vocab_size, 1, "cpu")
    with torch.inference_mode():
        model, unquantized = build_int8(row, "cpu", "float32", tokens)
        assert torch.equal(unquantized, reference_logits(build(row, "cpu", "float32"), tokens))
        quantized = reference_logits(model, tokens)
    assert not any(isinstance(part, torch.nn.Linear) for part in model.modules())
    cosine = torch.cosine_similarity(unquantized.flatten(), quantized.flatten(), dim=0)
    assert 0.999 <= float(cosine) < 1


def test_products_are_told_apart_by_their_order_and_charged_from_their_forerunners_end() -> None:
    from types import SimpleNamespace as Is

    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
    from kernel_table import product_table

    layer = [
        ("_norm_linear", 10),
        ("_decode_attention", 3),
        ("_norm_linear", 4),
        ("_norm_linear", 20),
        ("_norm_linear", 8),
    ]
    events, now = [], 100.0
    for name, length in ([*layer, *layer, ("_norm_linear", 5), ("triton_poi_norm_linear", 2)]) * 2:
        events.append(
            Is(time_range=Is(start=now - 1, end=now + length), name=name, device_type="DeviceType.CUDA")
        )
        now += length
    sizes = {"qkv": 100, "o": 40, "gate_up": 200, "down": 80, "head": 50}
    table = product_table(events, sizes, 2)
    spent = {name: round(numbers["microseconds"], 1) for name, numbers in table.items()}
    assert spent == {"qkv": 10.2, "o": 4, "gate_up": 20, "down": 8, "head": 5, "attention": 3}
    assert table["o"]["bytes_per_s"] == 1e7
