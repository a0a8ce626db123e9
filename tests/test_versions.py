"""Which torch releases a project's findings must hold for."""

from __future__ import annotations

from pathlib import Path

import pytest

from breakcheck.errors import BreakcheckError
from breakcheck.versions import (
    NEWEST_MEASURED,
    Environment,
    parse_libraries,
    parse_target,
    resolve_environment,
)


def project(tmp_path: Path, text: str) -> Path:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_release_or_a_patch_of_it_is_one_release() -> None:
    assert parse_target("2.13", "--target-torch") == ("2.13",)
    assert parse_target("2.9.1", "--target-torch") == ("2.9",)
    assert parse_target("2.13.0+cpu", "--target-torch") == ("2.13",)


def test_a_range_is_every_release_in_it() -> None:
    assert parse_target(">=2.9,<2.12", "--target-torch") == ("2.9", "2.10", "2.11")


@pytest.mark.parametrize("text", ["1.13", "2.99", "newest", "", ">=3", "2,13"])
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BreakcheckError, match=r"^--target-torch: "):
        parse_target(text, "--target-torch")


def test_the_projects_own_requirement_is_taken(tmp_path: Path) -> None:
    root = project(tmp_path, '[project]\nname = "x"\ndependencies = ["torch>=2.9,<2.11"]\n')
    environment = resolve_environment(root, target=None)
    assert environment.releases == ("2.9", "2.10")
    assert environment.source.startswith("pyproject.toml: torch")


def test_extras_that_do_not_fit_together_are_alternatives(tmp_path: Path) -> None:
    extras = '[project.optional-dependencies]\nnew = ["torch>=2.13,<2.15"]\nxla = ["torch==2.9.*"]\n'
    root = project(tmp_path, f'[project]\nname = "x"\n{extras}')
    assert resolve_environment(root, target=None).releases == ("2.9", "2.13", "2.14")


def test_a_requirements_file_counts_too(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r other.txt\ntorch==2.6.0  # pinned\n", encoding="utf-8")
    assert resolve_environment(tmp_path, target=None).releases == ("2.6",)


def test_without_a_requirement_the_newest_measured_is_meant(tmp_path: Path) -> None:
    environment = resolve_environment(tmp_path, target=None)
    assert environment.releases == (NEWEST_MEASURED,)
    assert environment.source == "newest measured"


def test_the_flag_wins(tmp_path: Path) -> None:
    root = project(tmp_path, '[project]\nname = "x"\ndependencies = ["torch>=2.9"]\n')
    assert resolve_environment(root, target="2.13").releases == ("2.13",)


def test_a_rule_holds_for_the_releases_inside_its_range() -> None:
    environment = Environment(("2.6", "2.9", "2.13"))
    assert environment.admits("<2.9") == ("2.6",)
    assert environment.admits(">=2.9") == ("2.9", "2.13")
    assert environment.admits("") == environment.releases


def test_an_unknown_library_keeps_a_rule_silent() -> None:
    assert not Environment().meets({"einops": "<0.7"})


def test_a_named_library_version_is_believed() -> None:
    environment = Environment(libraries=parse_libraries(["einops==0.6.1"]))
    assert environment.meets({"einops": "<0.7"})
    assert not Environment(libraries=parse_libraries(["einops==0.8.0"])).meets({"einops": "<0.7"})


def test_a_pin_in_the_project_is_believed(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("einops==0.6.1\n", encoding="utf-8")
    environment = resolve_environment(tmp_path, target="2.9", names=["einops"])
    assert environment.meets({"einops": "<0.7"})


@pytest.mark.parametrize("pin", ["einops", "einops>=0.6", "einops==", "==0.6", "einops==new"])
def test_a_malformed_pin_is_refused(pin: str) -> None:
    with pytest.raises(BreakcheckError, match="write NAME==VERSION"):
        parse_libraries([pin])
