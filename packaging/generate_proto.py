"""Generate capflow_gui/wire/pb from proto/, or say with --check that the committed output is up to date.

The virtual path given to protoc makes the generated modules import each other by their place in the package, and
keeps their names in protobuf's process-wide pool apart from those of the brokers' own SDKs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = "capflow_gui/wire/pb"
PACKAGES = ("longport", "opend")


def generate(into: Path) -> None:
    """Write the generated modules below `into`, in the layout of the repository."""
    import grpc_tools
    from grpc_tools import protoc

    well_known = Path(grpc_tools.__file__).parent / "_proto"
    (into / TARGET).mkdir(parents=True, exist_ok=True)
    (into / TARGET / "__init__.py").write_text('"""Generated from proto/ by packaging/generate_proto.py."""\n')
    for package in PACKAGES:
        sources = sorted((ROOT / "proto" / package).glob("*.proto"))
        arguments = [
            "protoc",
            f"--proto_path={TARGET}/{package}={ROOT / 'proto' / package}",
            f"--proto_path={well_known}",
            f"--python_out={into}",
            f"--pyi_out={into}",
            *(f"{TARGET}/{package}/{source.name}" for source in sources),
        ]
        if protoc.main(arguments) != 0:
            raise SystemExit(f"protoc failed for {package}")
        (into / TARGET / package / "__init__.py").write_text(
            f'"""Generated from proto/{package} by packaging/generate_proto.py."""\n'
        )


def _files(base: Path) -> dict[str, bytes]:
    root = base / TARGET
    return {
        path.relative_to(root).as_posix(): path.read_bytes().replace(b"\r\n", b"\n")
        for path in sorted(root.rglob("*.py*"))
        if path.suffix in {".py", ".pyi"}
    }


def differences() -> list[str]:
    """Return the files whose committed text is not what protoc writes today."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh, committed = _files(Path(folder)), _files(ROOT)
    return sorted(name for name in fresh.keys() | committed.keys() if fresh.get(name) != committed.get(name))


def main() -> int:
    """Run the command; the exit status is 1 when --check found a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail where the output is out of date")
    if parser.parse_args().check:
        stale = differences()
        for name in stale:
            print(f"out of date: {TARGET}/{name} (run make proto)", file=sys.stderr)
        return 1 if stale else 0
    for old in (ROOT / TARGET).rglob("*_pb2.py*"):
        old.unlink()
    generate(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
