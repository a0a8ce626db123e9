"""Roots that are taken for some: forward hooks, modules whose base can't be read, and the steps of Lightning modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from breakcheck.finding import Confidence, Finding
from breakcheck.linter import lint
from breakcheck.options import Options

SOURCE = """\
import torch
from torch import nn


def peak(x: torch.Tensor) -> float:
    return x.max().item()


def show(module, args, output: torch.Tensor):
    peak(output)


def watch(model: nn.Module) -> None:
    model.register_forward_hook(show)
"""
MODEL = """

class Net(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / peak(x)
"""


def found(folder: Path, **sources: str) -> list[Finding]:
    files = []
    for name, text in sources.items():
        files.append(folder / f"{name}.py")
        files[-1].write_text(text, encoding="utf-8")
    return list(lint(files, Options(use_cache=False)).findings)


def test_what_a_hook_leads_to_is_likely_and_says_why(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, hooks=SOURCE)
    assert (finding.code, finding.confidence) == ("BC101", Confidence.LIKELY)
    assert finding.call_path == ("hooks:show", "hooks:peak")
    assert ("it is given to `register_forward_hook`, and traced where the module is compiled", 14) in [
        (note.message, note.line) for note in finding.notes
    ]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_what_a_model_leads_to_as_well_is_certain(tmp_path: Path, names: tuple[str, str]) -> None:
    """In one file, and where both call into a third, whichever comes first."""
    (finding,) = found(tmp_path, hooks=SOURCE + MODEL)
    assert finding.confidence is Confidence.CERTAIN
    helper, _, rest = SOURCE.partition("def show")
    imports = "import torch\nfrom torch import nn\nfrom helper import peak\n\n\n"
    hooks, model = (f"{name}.py" for name in names)
    texts = {hooks[:-3]: f"{imports}def show{rest}", model[:-3]: imports + MODEL, "helper": helper}
    (finding,) = found(tmp_path, **dict(sorted(texts.items())))
    assert (finding.location.path.endswith("helper.py"), finding.confidence) == (True, Confidence.CERTAIN)


def test_dynamo_traces_a_hook_with_its_module() -> None:
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(2, 2))
    model[0].register_forward_hook(lambda module, args, output: print(output.max().item()))
    torch._dynamo.reset()
    with pytest.raises(torch._dynamo.exc.Unsupported):
        torch.compile(model, backend="eager", fullgraph=True)(torch.ones(1, 2))


def test_a_class_whose_base_can_not_be_read_is_likely_a_module(tmp_path: Path) -> None:
    text = SOURCE.replace(
        "from torch import nn", "from torch import nn\nfrom somewhere import Backbone, Kernel", 1
    )
    text += MODEL.replace("nn.Module", "Backbone") + MODEL.replace("nn.Module", "Kernel").replace(
        "forward", "run"
    )
    (finding,) = found(tmp_path, model=text.replace("model.register_forward_hook(show)", "pass"))
    assert (finding.code, finding.confidence) == ("BC101", Confidence.LIKELY)
    assert finding.call_path == ("model:Net.forward", "model:peak")
    why = "`Net` is taken for a module: it has a `forward`, and `somewhere.Backbone` can't be read"
    assert why in [note.message for note in finding.notes]


def test_what_is_known_as_a_module_of_another_library_is_certain(tmp_path: Path) -> None:
    text = SOURCE.replace(
        "from torch import nn", "from torch import nn\nfrom lightning import LightningModule", 1
    )
    text += MODEL.replace("nn.Module", "LightningModule")
    (finding,) = found(tmp_path, model=text.replace("model.register_forward_hook(show)", "pass"))
    assert (finding.code, finding.confidence) == ("BC101", Confidence.CERTAIN)


def test_the_steps_of_a_lightning_module_are_likely_compiled(tmp_path: Path) -> None:
    text = SOURCE.replace("from torch import nn", "from torch import nn\nimport lightning.pytorch as pl", 1)
    text += MODEL.replace("nn.Module", "pl.LightningModule").replace(
        "def forward(self, x", "def training_step(self, x"
    )
    (finding,) = found(tmp_path, model=text.replace("model.register_forward_hook(show)", "pass"))
    assert (finding.code, finding.confidence) == ("BC101", Confidence.LIKELY)
    assert finding.call_path == ("model:Net.training_step", "model:peak")
    assert "Lightning compiles `training_step` with its module" in [note.message for note in finding.notes]
