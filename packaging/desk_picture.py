"""Draw the parts of a desk, with the rights and streams that the program makes: `python packaging/desk_picture.py`.

The picture is an SVG of boxes and arrows with a ground of its own: dark where the reader's system is, else light.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from capflow_gui.desk.leases import LEASE_S
from capflow_gui.desk.serving.configuration import COLLECTOR, DEFAULT_PORT, users_text
from capflow_gui.desk.streams import stream_configs
from capflow_gui.settings import OpendSettings

PICTURE = Path(__file__).resolve().parent / "pictures" / "desk.svg"
WINDOW = "ws01"
WIDTH, HEIGHT = 1210, 470
LINE, PAD = 18, 14
STYLE = """
  .ground { fill: #ffffff } .box { fill: #f3f5f8; stroke: #5b6675; stroke-width: 1.5 }
  text { fill: #1c2430; font: 13px sans-serif }
  .name { font-weight: bold; font-size: 14px } .subject { font: 12px monospace; fill: #34506e }
  .arrow { stroke: #34506e; stroke-width: 1.5; fill: none } .head { fill: #34506e }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #14181e } .box { fill: #1f2630; stroke: #8d99aa } text { fill: #e6eaf0 }
    .subject { fill: #a9c7ea } .arrow { stroke: #a9c7ea } .head { fill: #a9c7ea }
  }
"""


def rights(user: str, what: str) -> list[str]:
    """The subjects that a user may publish, or subscribe to, with those of several streams as one."""
    for line in users_text({COLLECTOR: "", WINDOW: ""}).splitlines():
        found = re.search(rf'user: "{user}".*{what}: {{ allow: (\[[^]]*\])', line)
        if found is not None:
            shown = (re.sub(r"^(\$JS\.API\.\w+\.\w+)\.\w+$", r"\1.*", subject) for subject in json.loads(found[1]))
            return list(dict.fromkeys(shown))
    raise LookupError(user)


def streams() -> list[str]:
    """What the server keeps, and for how long."""
    return [
        f"{(config.name or '').removeprefix('KV_')}: {age(config.max_age or 0)}" for config in stream_configs(LEASE_S)
    ]


def age(seconds: float) -> str:
    """In the largest unit that fits."""
    for size, unit in ((86400, "days"), (3600, "hours")):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def box(place: tuple[int, int, int, int], name: str, lines: Sequence[str]) -> list[str]:
    """A part: its place (x, y, width, height), its name, and what there is to say of it."""
    x, y, width, height = place
    found = [
        f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>',
        f'<text class="name" x="{x + PAD}" y="{y + PAD + 14}">{escape(name)}</text>',
    ]
    for number, line in enumerate(lines, 1):
        found.append(f'<text x="{x + PAD}" y="{y + PAD + 14 + LINE * number}">{escape(line)}</text>')
    return found


def arrow(start: int, end: int, y: int, lines: Iterable[str], kind: str = ' class="subject"') -> list[str]:
    """From one x to another, with its words above."""
    words = list(lines)
    left = min(start, end) + 10
    back = -8 if end > start else 8
    found = [
        f'<text{kind} x="{left}" y="{y - 8 - 16 * (len(words) - 1 - number)}">{escape(word)}</text>'
        for number, word in enumerate(words)
    ]
    found.append(f'<path class="arrow" d="M {start} {y} H {end + back}"/>')
    found.append(f'<path class="head" d="M {end} {y} l {back} -5 v 10 z"/>')
    return found


def picture() -> str:
    """The whole of it."""
    parts = [f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>']
    parts += box(
        (20, 90, 150, 120), "Broker", [f"OpenD, port {OpendSettings().port}", "or Longport,", "or a simulator"]
    )
    parts += arrow(260, 170, 150, ["asks, in", "its quota"], "")
    collector = [f"user {COLLECTOR}", "polls, records, judges", "archive.db, capflow.db", "rules, channels"]
    parts += box((260, 40, 190, 250), "capflow desk collect", collector)
    parts += box(
        (260, 320, 190, 110),
        "another collector",
        ["waits, or has its shards;", "takes over those of", "one that is lost"],
    )
    parts += arrow(450, 660, 165, rights(COLLECTOR, "publish"))
    parts += arrow(660, 450, 255, rights(COLLECTOR, "subscribe"))
    parts += arrow(450, 660, 375, ["the same"], "")
    server = [f"port {DEFAULT_PORT}, TLS", "user and secret", "", "keeps the newest", "of each subject:", *streams()]
    parts += box((660, 40, 170, 390), "nats-server", server)
    parts += arrow(830, 1040, 100, rights(WINDOW, "subscribe"))
    parts += arrow(1040, 830, 215, rights(WINDOW, "publish"))
    parts += arrow(1040, 830, 375, ["the same, each", "in its own name"], "")
    parts += box((1040, 40, 150, 250), "window", [f"user {WINDOW}", "own list, own rules,", "own archive"])
    parts += box((1040, 320, 150, 110), "more windows", ["ws02, ws03, …", "capflow watch"])
    drawn = "\n".join(parts)
    title = "A desk: collectors poll the broker and publish to a NATS server; windows follow it."
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
    return f"{head}\n<title>{title}</title>\n<style>{STYLE}</style>\n{drawn}\n</svg>\n"


def main() -> int:
    """Write it; with --check say whether it is what it would be."""
    if "--check" in sys.argv[1:]:
        return int(PICTURE.read_text(encoding="utf-8") != picture())
    PICTURE.write_text(picture(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
