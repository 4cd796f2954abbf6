"""What is shipped: everything that lies beside the code, and it is found there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent
PACKAGES = ("services", "shared", "wiredesk")
PAGE = "<article><h1>A bridge</h1><p>" + "The town has a bridge, said the mayor, and everybody crossed it. " * 20

# Every module of the parser, so that each loads the data that it has.
LOADS = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import services.parser
assert services.parser.__file__.startswith(sys.argv[1]), services.parser.__file__
for module in pkgutil.walk_packages(services.parser.__path__, "services.parser."):
    importlib.import_module(module.name)
print(services.parser.extract(sys.argv[2].encode()).language)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    with ZipFile(wheel) as archive:
        assert files - set(archive.namelist()) == set()


def test_the_parser_works_from_what_the_wheel_has(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOADS, tmp_path, PAGE], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout, done.stderr) == ("en\n", "")
