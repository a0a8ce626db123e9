"""`[tool.breakcheck]`: what is taken, what is refused and how it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from breakcheck.config import load_config
from breakcheck.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    config = load_config(tmp_path)
    assert config.select == ()
    assert config.min_confidence == "likely"


def test_keys_are_read_from_the_nearest_table_upward(tmp_path: Path) -> None:
    write(
        tmp_path,
        '[tool.breakcheck]\nselect = ["BC1"]\nmin-confidence = "certain"\ntarget-torch = "2.13"\n'
        '[tool.breakcheck.per-file-ignores]\n"tests/*" = ["BC301"]\n',
    )
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'inner'\n", encoding="utf-8")
    config = load_config(inner)
    assert config.root == tmp_path
    assert config.select == ("BC1",)
    assert config.min_confidence == "certain"
    assert config.target_torch == "2.13"
    assert config.per_file_ignores == {"tests/*": ("BC301",)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tool.breakcheck]\nselct = ["BC1"]\n', "unknown key tool.breakcheck.selct"),
        ('[tool.breakcheck]\nselect = "BC1"\n', "tool.breakcheck.select must be a list of strings"),
        ("[tool.breakcheck]\nselect = [1]\n", "tool.breakcheck.select must be a list of strings"),
        ("[tool.breakcheck]\nbaseline = 3\n", "tool.breakcheck.baseline must be a string"),
        ('[tool.breakcheck]\nmin-confidence = "sure"\n', 'must be "certain" or "likely"'),
        ("[tool.breakcheck\n", "cannot be read as TOML"),
        ("[tool]\nbreakcheck = 1\n", "tool.breakcheck must be a table"),
    ],
)
def test_a_mistake_names_the_file_and_the_key(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path)
    assert said in str(error.value)
    assert str(tmp_path / "pyproject.toml") in str(error.value)
