"""Puts Debian's Python for 64-bit ARM into a folder, for qemu-user. The machine's own packages do not change."""

from __future__ import annotations

from pathlib import Path

from common import BUILD, output

FOLDER = BUILD / "arm64"
ROOT = FOLDER / "root"


def python() -> list[str]:
    """The command that runs it. Downloads it first if it is missing; raises WheelError if that is not possible."""
    if not (FOLDER / "complete").exists():
        download()
        for package in sorted((FOLDER / "cache" / "archives").glob("*.deb")):
            output(["dpkg-deb", "--extract", str(package), str(ROOT)])
        (FOLDER / "complete").touch()
    return ["qemu-aarch64", "-L", str(ROOT), str(ROOT / "usr" / "bin" / version())]


def version() -> str:
    """The name of the program, such as python3.11."""
    return min((path.name for path in (ROOT / "usr" / "bin").glob("python3.*")), key=len)


def download() -> None:
    """Downloads the packages of Python, of its dependencies, and of the system library that numpy needs."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (FOLDER / folder).mkdir(parents=True, exist_ok=True)
    (FOLDER / "status").touch()  # no packages are installed there
    apt = ["apt-get", "-qq", *options()]
    output([*apt, "update"])
    output([*apt, "install", "-y", "--download-only", "--no-install-recommends", "python3", "libstdc++6"])


def options() -> list[str]:
    values: dict[str, str | Path] = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",
        "Dir::State": FOLDER / "state",
        "Dir::State::status": FOLDER / "status",
        "Dir::Cache": FOLDER / "cache",
    }
    return [f"--option={name}={value}" for name, value in values.items()]
