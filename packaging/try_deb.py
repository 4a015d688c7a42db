"""Install the .deb into a system that has nothing but Debian's base: over an older build of itself, run it, remove it.

    python packaging/try_deb.py dist/capflow_VERSION_ARCHITECTURE.deb

The older build is the same one under an older version, with a file that the new one has no more. Needs root,
debootstrap, Xvfb, and the package mirror this machine's apt knows. The base system is kept in .cache and copied
for every try. Ends with a line for each step; 0 when all went well.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bundle

BASE = bundle.ROOT / ".cache" / "base-system"
SUITE = "bookworm"
PANEL = bytes.fromhex("12171d")[::-1]  # the window's own colour, blue first as X stores it
SOCKETS = "/tmp/.X11-unix"  # noqa: S108 - where X servers have theirs
NOTHING = {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


class StepFailed(Exception):
    """A step did not do what it should; the text says which."""


def main() -> int:
    """Try the package named on the command line."""
    package = Path(sys.argv[1]).resolve()
    base_system()
    with tempfile.TemporaryDirectory(prefix="capflow-deb-") as folder:
        root = Path(folder) / "root"
        subprocess.run(["cp", "-a", str(BASE), str(root)], check=True)
        shutil.copy(package, root / "capflow.deb")
        for kind, place in (("proc", "proc"), ("tmpfs", "dev/shm")):
            (root / place).mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, str(root / place)], check=True)
        try:
            try_it(root)
        except StepFailed as error:
            print(f"try_deb: {error}", file=sys.stderr)
            return 1
        finally:
            for place in ("dev/shm", "proc"):
                subprocess.run(["umount", "--lazy", str(root / place)], check=True)
    return 0


def base_system() -> None:
    """debootstrap's smallest system, once, with this machine's mirror and package archive keys."""
    if BASE.exists():
        return
    listed = subprocess.run(["apt-cache", "policy"], capture_output=True, text=True, check=True).stdout
    mirror = re.search(rf"(\S+://\S+) {SUITE}/main", listed)
    if mirror is None:
        raise SystemExit(f"try_deb: this machine's apt knows no mirror of {SUITE}")
    making = BASE.with_name("base-system.making")
    shutil.rmtree(making, ignore_errors=True)
    making.parent.mkdir(exist_ok=True)
    making_it = ["debootstrap", "--variant=minbase", SUITE, str(making), mirror[1]]
    subprocess.run(making_it, check=True, stdout=sys.stderr)
    making.rename(BASE)


def try_it(root: Path) -> None:
    """Install, upgrade, run, remove; StepFailed at the first thing that is not as it should be."""
    before = installed(root)
    inside(root, "apt-get", "update", "-qq")
    older = make_older(root)
    inside(root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "/older.deb")
    print(f"installs, with {len(installed(root) - before) - 1} packages it depends on")
    kept = use(root)
    inside(root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "/capflow.deb")
    expect(not (root / older).exists(), f"the upgrade left {older}")
    expect({path: path.read_bytes() for path in kept} == kept, "the upgrade changed a user's files")
    version = inside(root, "capflow", "--version").strip()
    expect(version == f"capflow {bundle.version()}", f"`capflow --version` said {version!r}")
    print(f"upgrades an older build of itself, whose data stay; runs: {version}")
    fetched = inside(root, "capflow", "fetch", "700.HK", "--source", "demo:", "--format", "json")
    expect(len(json.loads(fetched)[0]["lines"]) > 1, "`capflow fetch` printed no lines")
    print("fetches from its simulator")
    inside(root, "capflow", "--self-test", QT_QPA_PLATFORM="offscreen")
    show(root)
    inside(root, "dpkg", "--verify", "capflow")
    inside(root, "apt-get", "remove", "-y", "-qq", "capflow")
    expect(all(path.exists() for path in kept), "removing it removed a user's files")
    inside(root, "dpkg", "--purge", "capflow")  # apt knows it no more: it has no configuration files
    left = [path for top in ("usr", "etc", "var/lib/dpkg/info") for path in (root / top).rglob("*apflow*")]
    expect(not left, f"left behind: {left}")
    expect("capflow" not in installed(root), "dpkg still lists it")
    expect({path: path.read_bytes() for path in kept} == kept, "purging it changed a user's files")
    print("is removed and purged, and leaves nothing but the user's own files")


def make_older(root: Path) -> str:
    """/older.deb, and the file (relative to the root) that only it has."""
    lost = "usr/lib/capflow/_internal/of-an-older-version"
    with tempfile.TemporaryDirectory(prefix="capflow-older-") as folder:
        place = Path(folder) / "deb"
        subprocess.run(["dpkg-deb", "--raw-extract", str(root / "capflow.deb"), str(place)], check=True)
        control = place / "DEBIAN" / "control"
        text = control.read_text(encoding="utf-8")
        control.write_text(re.sub(r"^Version: ", "Version: 0~", text, flags=re.MULTILINE), encoding="utf-8")
        (place / lost).write_text("of an older version\n", encoding="utf-8")
        build = ["dpkg-deb", "-Zgzip", "-z1", "--build", str(place), str(root / "older.deb")]
        subprocess.run(build, check=True, stdout=sys.stderr)
    return lost


def use(root: Path) -> dict[Path, bytes]:
    """Let the older build write a user's files; their content."""
    rule = ("--rule", "700.HK: net <= -20M")
    inside(root, "capflow", "watch", "700.HK", "--source", "demo:", "--for", "2", *rule, HOME="/root")
    settings = root / "root" / ".config" / "capflow" / "settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('[watchlist]\nsymbols = ["700.HK"]\n', encoding="utf-8")
    alerts = root / "root" / ".local" / "share" / "capflow" / "demo" / "capflow.db"
    expect(alerts.exists(), "`capflow watch` kept no alerts")
    return {path: path.read_bytes() for path in (settings, alerts)}


def show(root: Path) -> None:
    """Open the real window by xcb, on an X screen whose socket the system shares with this one."""
    with tempfile.TemporaryDirectory(prefix="capflow-screen-") as folder:
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-fbdir", folder, "-nolisten", "tcp"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            display = f":{server.stdout.readline().strip()}" if server.stdout else ""
            sockets = root / "tmp" / ".X11-unix"
            sockets.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "--bind", SOCKETS, str(sockets)], check=True)
            try:
                with program(root, "demo", "--screenshot", "/window.png", "--after", "4", DISPLAY=display) as run:
                    seen = watch_screen(run, Path(folder) / "Xvfb_screen0")
                expect(run.returncode == 0, f"the window ended with {run.returncode}")
            finally:
                subprocess.run(["umount", "--lazy", str(sockets)], check=True)
                server.terminate()
    expect(seen > 500, "the window's own colour was never on the screen")
    expect((root / "window.png").read_bytes().startswith(b"\x89PNG"), "the window drew no picture")
    print("shows its window on an X screen")


def watch_screen(run: subprocess.Popen[str], pixels: Path) -> int:
    """How many of the looked-at pixels had the window's own colour, at most, while it ran."""
    most = 0
    while run.poll() is None:
        seen = pixels.read_bytes()[-1280 * 800 * 4 :]
        most = max(most, sum(seen[at : at + 3] == PANEL for at in range(0, len(seen), 4 * 97)))
        time.sleep(0.1)
    return most


def expect(good: bool, otherwise: str) -> None:
    """StepFailed unless it is so."""
    if not good:
        raise StepFailed(otherwise)


def program(root: Path, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    """Start the program in the system."""
    settings = [f"{key}={value}" for key, value in {**NOTHING, **environ}.items()]
    command = ["chroot", str(root), "env", "-i", *settings, "capflow", *arguments]
    return subprocess.Popen(command, text=True, stdin=subprocess.DEVNULL)


def inside(root: Path, *command: str, **environ: str) -> str:
    """Run a command in the system; its stdout. StepFailed when it fails."""
    settings = [f"{key}={value}" for key, value in {**NOTHING, "DEBIAN_FRONTEND": "noninteractive", **environ}.items()]
    done = subprocess.run(
        ["chroot", str(root), "env", "-i", *settings, *command],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=600,
    )
    if done.returncode:
        raise StepFailed(
            f"`{' '.join(command)}` ended with {done.returncode}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
        )
    return done.stdout


def installed(root: Path) -> set[str]:
    """The names of the installed packages."""
    return set(inside(root, "dpkg-query", "--show", "--showformat=${Package}\n").split())


if __name__ == "__main__":
    sys.exit(main())
