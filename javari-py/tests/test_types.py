"""The types hold: mypy over the package and a program, and the stub against the native module."""

from __future__ import annotations

import subprocess
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import javari
import pytest
from conftest import HANG, ROOT

HERE = Path(__file__).parent
PACKAGE = Path(javari.__file__).parent


def mypy(cache: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={cache}", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=5 * HANG, check=False, cwd=HERE.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_and_a_program_pass_the_strict_checker(tmp_path: Path) -> None:
    mypy(tmp_path, "-p", "javari")
    mypy(tmp_path, str(HERE / "usage.py"))


@pytest.mark.parametrize(
    "line",
    [
        "scope.vault.put(name='A')",
        "scope.vault.put(name=5, value='x')",
        "scope.vault.put(name='A', value='x', type='unheard')",
        "scope.vault.get(name='A')['no_such_field']",
        "opened.knowledge",
        "opened.users.get()",
        "javari.Javari.open(no_such_setting=1)",
    ],
)
def test_a_wrong_program_does_not_pass(tmp_path: Path, line: str) -> None:
    program = tmp_path / "wrong.py"
    program.write_text(
        "import javari\nopened = javari.Javari.open()\nscope = opened.scope(user='x')\n" + line
    )
    with pytest.raises(AssertionError, match=r"wrong\.py:4: error"):
        mypy(tmp_path / "cache", str(program))


def test_the_stub_is_the_native_module(tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    # Only builds for tests can panic on purpose, and only a module made by hand lists its names.
    allowed.write_text("javari\\._javari\\._panic\njavari\\._javari\\.__all__\n")
    command = [sys.executable, "-m", "mypy.stubtest", "javari._javari", "--allowlist", str(allowed)]
    done = subprocess.run(
        [*command, "--ignore-unused-allowlist"],
        capture_output=True,
        text=True,
        timeout=5 * HANG,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_installed_package_is_the_one_of_this_tree() -> None:
    source = ROOT / "javari-py" / "python" / "javari"
    for file in sorted(source.glob("*.py*")):
        if file.suffix in {".py", ".pyi"}:
            assert (PACKAGE / file.name).read_text("utf-8") == file.read_text("utf-8"), file.name
    assert (PACKAGE / "py.typed").exists()


def test_every_type_can_be_looked_into() -> None:
    for name in javari.types.__all__:
        kind = getattr(javari.types, name)
        if typing.is_typeddict(kind):
            typing.get_type_hints(kind, vars(javari.types))


def test_the_usage_runs(run_python: Callable[..., Any]) -> None:
    done = run_python((HERE / "usage.py").read_text("utf-8"))
    assert (done.stdout, done.returncode) == ("Hello True\n", 0), done.stderr


def test_the_readmes_example_runs(
    run_python: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (ROOT / "javari-py" / "README.md").read_text("utf-8")
    program = readme.split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    done = run_python(program)
    assert done.returncode == 0, done.stderr
    assert "The bridge was opened in 1931." in done.stdout
