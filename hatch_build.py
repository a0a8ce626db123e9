"""The build hook that compiles the analysis with mypyc, which takes a third off the time of linting.

Where that fails, as without a C compiler, the wheel is plain Python. `BREAKCHECK_COMPILE=1` makes it fail instead, `=0`
leaves compiling out; an editable install is never compiled.

It works on a copy (the hatch-mypyc plugin compiles in the checkout, where an editable install would then run what it
left in place of the sources as they are edited).
"""

from __future__ import annotations

import os
import platform
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
import os
from concurrent.futures import ThreadPoolExecutor

from mypyc.build import mypycify
from setuptools import setup
from setuptools.command.build_ext import build_ext


class InParallel(build_ext):
    def build_extensions(self):
        one = self.compiler.compile

        def compile(sources, **options):
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                return [made for (made,) in pool.map(lambda source: one([source], **options), sources)]

        self.compiler.compile = compile
        if self.compiler.compiler_type == "unix":  # calls between the modules go straight to their function
            for extension in self.extensions:
                extension.extra_compile_args.append("-fvisibility=hidden")
        super().build_extensions()


files = {files}
setup(
    name="breakcheck",
    packages=[],
    cmdclass={{"build_ext": InParallel}},
    ext_modules=mypycify(
        ["--config-file=", "--no-site-packages", "--ignore-missing-imports", "--python-version={python}", *files],
        group_name="breakcheck", debug_level="0", multi_file=True,
    ),
)
"""  # a file of C for each module: all in one take gcc three times as long, and run no faster


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the compiled modules beside the sources in a wheel."""

    PLUGIN_NAME = "custom"
    folder: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and name what came of it. Raises CalledProcessError or OSError when it must and can't."""
        wish = os.environ.get("BREAKCHECK_COMPILE", "")
        if wish not in ("", "0", "1"):
            raise ValueError(
                f"BREAKCHECK_COMPILE is {wish!r}: set it to 1 (compile), 0 (don't), or not at all"
            )
        if version == "editable" or wish == "0":
            return
        if not wish and platform.python_implementation() != "CPython":
            return
        self.folder = Path(tempfile.mkdtemp(prefix="breakcheck-mypyc-"))
        try:
            made = self._compiled(self.folder)
        except (subprocess.CalledProcessError, OSError) as error:
            if wish:
                raise
            self.app.display_warning(f"plain Python, since compiling the analysis failed: {error}")
            return
        for path in made:
            build_data["force_include"][str(path)] = path.relative_to(self.folder).as_posix()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def _compiled(self, folder: Path) -> list[Path]:
        """The compiled modules of a copy of the sources in a folder."""
        shutil.copytree(
            Path(self.root, "breakcheck"),
            folder / "breakcheck",
            ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"),
        )
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        setup = SETUP.format(files=[f"{name}.py" for name in COMPILED], python=python)
        (folder / "setup.py").write_text(setup, encoding="utf-8")
        subprocess.run([sys.executable, "setup.py", "build_ext", "--inplace"], cwd=folder, check=True)
        found = [path for pattern in ("*.so", "*.pyd") for path in folder.rglob(pattern)]
        return [path for path in found if "build" not in path.relative_to(folder).parts]

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Delete the copy."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
