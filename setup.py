"""Maps the folders at the top of the repository to `pentimento.*`, and keeps the workshop out of the wheel.

The packages are found, not listed, so that a new folder cannot be forgotten. An editable install also has
`pentimento.starter` and `pentimento.bench`; a wheel has neither.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PRODUCT = ("agent", "memory", "models", "prompts", "tools", "tui")
WORKSHOP = ("bench", "starter")


def packages(folder: str) -> list[str]:
    """Dotted names of a folder and of every folder below it that holds Python."""
    parents = {folder, *(str(path.parent) for path in Path(folder).rglob("*.py"))}
    return sorted("pentimento." + parent.replace("/", ".") for parent in parents)


def of_workshop(package: str) -> bool:
    return package.split(".")[1] in WORKSHOP


class BuildProduct(build_py):
    """Builds the wheel afresh and without the workshop."""

    def finalize_options(self) -> None:
        super().finalize_options()
        if not self.editable_mode:
            self.packages = [package for package in self.packages or [] if not of_workshop(package)]

    def run(self) -> None:
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)  # or a deleted module of the last build would ship
        super().run()


setup(
    packages=[package for folder in PRODUCT + WORKSHOP for package in packages(folder)],
    package_dir={f"pentimento.{folder}": folder for folder in PRODUCT + WORKSHOP},
    cmdclass={"build_py": BuildProduct},
)
