"""The environments that adapters run in, beside the checkout's own torch: pinned, made once, in the user's cache.

`breakcheck setup tpu`, `breakcheck setup torch-tpu` and `breakcheck setup xla` make them. Nothing else of breakcheck installs anything.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_dir

from breakcheck.errors import BreakcheckError

# CPU builds of torch; PyPI's own are CUDA builds, gigabytes larger.
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
FOLDER_VARIABLE = "BREAKCHECK_ENVIRONMENTS"
_MARK = "breakcheck-environment.json"


@dataclass(frozen=True)
class Recipe:
    """What one environment holds. python: the minor versions it was pinned for; size: what to expect on disk."""

    name: str
    requirements: tuple[str, ...]
    python: tuple[tuple[int, int], ...]
    size: str
    licence: str


# jax and libtpu are pinned together: libtpu follows jax's runtime interface. torchax 0.0.13 fails on torch 2.13.
# flatbuffers: jax.export needs it to write a program (`breakcheck export`).
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "tpu": (
        Recipe(
            "tpu",
            (
                "torch==2.13.0",
                "torchax==0.0.14.dev20261026",
                "jax==0.10.2",
                "jaxlib==0.10.2",
                "libtpu==0.0.52",
                "flatbuffers",
                "numpy",
            ),
            ((3, 11),),
            "2.0 GB on disk with a CPU build of torch",
            "libtpu is under Google Cloud's terms; it is installed from PyPI, never shipped with breakcheck",
        ),
        Recipe(
            "tpu",
            (
                "torch==2.13.0",
                "torchax==0.0.14.dev20261026",
                "jax==0.12.0.1",
                "libtpu==0.0.50.1",
                "flatbuffers",
                "numpy",
            ),
            ((3, 12), (3, 13)),
            "about 2 GB on disk with a CPU build of torch",
            "libtpu is under Google Cloud's terms; it is installed from PyPI, never shipped with breakcheck",
        ),
    ),
    # Experimental: its capture without a device needs private parts of torch_tpu, so nothing but what was tried.
    "torch-tpu": (
        Recipe(
            "torch-tpu",
            ("torch==2.13.0", "torch-tpu==0.2.0", "libtpu==0.0.52", "numpy"),
            ((3, 11),),
            "1.9 GB on disk with a CPU build of torch",
            "torch-tpu is under the Apache licence, libtpu under Google Cloud's terms; neither is shipped with breakcheck",
        ),
    ),
    "xla": (
        Recipe(
            "xla",
            ("torch==2.9.1", "torch_xla==2.9.0", "numpy"),
            ((3, 10), (3, 11), (3, 12), (3, 13)),
            "7.1 GB on disk with PyPI's CUDA build of torch, less with a CPU build",
            "torch_xla is under the BSD licence",
        ),
    ),
}


def recipe_of(name: str, python: tuple[int, int] | None = None) -> Recipe:
    """The recipe of environment `name` for this Python; raises `BreakcheckError` where there is none."""
    if name not in RECIPES:
        raise BreakcheckError(f"unknown environment {name!r}: there are {', '.join(RECIPES)}")
    version = python or (sys.version_info[0], sys.version_info[1])
    for recipe in RECIPES[name]:
        if version in recipe.python:
            return recipe
    known = ", ".join(f"{a}.{b}" for recipe in RECIPES[name] for a, b in recipe.python)
    raise BreakcheckError(
        f"the {name} environment is pinned for Python {known}, this is {version[0]}.{version[1]}: "
        "run breakcheck with one of those"
    )


def folder_of(name: str) -> Path:
    """Where environment `name` lives for this Python, made or not; `BREAKCHECK_ENVIRONMENTS` moves them all."""
    root = os.environ.get(FOLDER_VARIABLE) or str(Path(user_cache_dir("breakcheck")) / "environments")
    return Path(root) / f"{name}-py{sys.version_info[0]}{sys.version_info[1]}"


def python_of(name: str) -> Path:
    """The interpreter of environment `name`; raises `BreakcheckError` saying how to make it where it is missing.

    An environment whose pins have changed since counts as missing.
    """
    recipe = recipe_of(name)
    folder = folder_of(name)
    mark = folder / _MARK
    python = interpreter(folder)
    if not mark.is_file() or not python.exists():
        raise BreakcheckError(
            f"the {name} environment is not there: make it with `breakcheck setup {name}` ({recipe.size})"
        )
    if json.loads(mark.read_text(encoding="utf-8")).get("requirements") != list(recipe.requirements):
        raise BreakcheckError(
            f"the {name} environment at {folder} has other versions: run `breakcheck setup {name}` again"
        )
    return python


def interpreter(folder: Path) -> Path:
    """The Python of a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_ready(name: str) -> bool:
    """Whether environment `name` can be used; tests skip by it."""
    try:
        python_of(name)
    except BreakcheckError:
        return False
    return True


def plan(name: str, index: str | None) -> str:
    """What `make` is going to download, and to where: to be shown first."""
    recipe = recipe_of(name)
    lines = [
        f"The {name} environment, in {folder_of(name)}:",
        *(f"  {requirement}" for requirement in recipe.requirements),
        f"with what they require; {recipe.size}; {recipe.licence}.",
        f"torch from {index}" if index else "torch from pip's own indexes (PyPI's is a CUDA build)",
    ]
    return "\n".join(lines)


def reachable_index(index: str = TORCH_INDEX, timeout_s: float = 5.0) -> str | None:
    """`index` where it answers, else None: without it pip's own configuration decides."""
    try:
        with urllib.request.urlopen(f"{index}/torch/", timeout=timeout_s):
            return index
    except OSError:
        return None


def make(name: str, index: str | None, say: Callable[[str], None]) -> Path:
    """The folder of environment `name`, newly made; raises `BreakcheckError` with pip's last line when it fails."""
    recipe = recipe_of(name)
    folder = folder_of(name)
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    say("making the virtual environment")
    _run([sys.executable, "-m", "venv", str(folder)], name)
    command = [str(interpreter(folder)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if index:
        command += ["--extra-index-url", index]
    say("installing (minutes)")
    _run([*command, *recipe.requirements], name)
    mark = {"requirements": list(recipe.requirements), "index": index, "python": sys.version.split()[0]}
    (folder / _MARK).write_text(json.dumps(mark), encoding="utf-8")
    return folder


def _run(command: list[str], name: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BreakcheckError(f"setup {name}: {command[0]} cannot be run: {error}") from None
    if done.returncode:
        errors = [
            line
            for line in (done.stderr + "\n" + done.stdout).splitlines()
            if "ERROR" in line or "error:" in line
        ]
        last = errors[-1] if errors else (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BreakcheckError(f"setup {name}: pip failed: {last.strip()} (is there a network?)")
