"""The build hook that compiles the analysis with mypyc: `HATCH_BUILD_HOOKS_ENABLE=1 pip wheel .`. Off by default.

It works on a copy (the hatch-mypyc plugin compiles in the checkout, where an editable install would then run what it
left in place of the sources as they are edited).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What goes through texts and syntax trees; left out is what waits for processes and keeps files.
COMPILED = (
    *(
        "breakcheck/behind",
        "breakcheck/file_linter",
        "breakcheck/rule_fix",
        "breakcheck/rule_flow",
        "breakcheck/rule_rank",
    ),
    *("breakcheck/rule_syntax", "breakcheck/spans"),
    *(
        f"breakcheck/semantic/{name}"
        for name in (
            *("annotations", "arguments", "attributes", "builtin_calls", "calls", "contexts", "evidence"),
            *("expressions", "facts_impl", "frame", "interpreter", "library", "narrowing", "objects"),
            *("outline", "parameters", "project", "regions", "rounds", "symbols", "torch_api", "trees"),
            *("values", "world", "wrappers"),
        )
    ),
)
SETUP = """
from mypyc.build import mypycify
from setuptools import setup

files = {files}
setup(
    name="breakcheck",
    packages=[],
    ext_modules=mypycify(
        ["--config-file=", "--ignore-missing-imports", "--python-version={python}", *files],
        group_name="breakcheck", debug_level="0",
    ),
)
"""


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the compiled modules beside the sources in a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and name what came of it. Raises CalledProcessError when the compiler fails."""
        if version == "editable":
            return
        self.folder = Path(tempfile.mkdtemp(prefix="breakcheck-mypyc-"))
        shutil.copytree(
            Path(self.root, "breakcheck"),
            self.folder / "breakcheck",
            ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"),
        )
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        setup = SETUP.format(files=[f"{name}.py" for name in COMPILED], python=python)
        (self.folder / "setup.py").write_text(setup, encoding="utf-8")
        try:
            subprocess.run(
                [sys.executable, "setup.py", "build_ext", "--inplace"], cwd=self.folder, check=True
            )
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        for pattern in ("*.so", "*.pyd"):
            for made in self.folder.rglob(pattern):
                if "build" not in made.relative_to(self.folder).parts:
                    build_data["force_include"][str(made)] = made.relative_to(self.folder).as_posix()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Delete the copy."""
        if version != "editable":
            shutil.rmtree(self.folder, ignore_errors=True)
