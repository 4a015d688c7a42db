"""Draw resources/icons/capflow.svg as the icon files the platforms want, with Qt's own renderer.

    python packaging/generate_icons.py FOLDER

Writes capflow.ico (Windows), capflow.icns (macOS) and capflow-SIZE.png (Linux). Both containers hold PNG pictures,
which every Windows and macOS that Qt 6 runs on reads; Qt's own writers would put one size in a file.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SVG = Path(__file__).resolve().parents[1] / "resources" / "icons" / "capflow.svg"
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
PNG_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
# Apple's type codes for PNG pictures; @2x twins carry the same pixels under another name.
ICNS_TYPES = {
    b"icp4": 16,
    b"icp5": 32,
    b"ic07": 128,
    b"ic08": 256,
    b"ic09": 512,
    b"ic10": 1024,
    b"ic11": 32,
    b"ic12": 64,
    b"ic13": 256,
    b"ic14": 512,
}


def draw(renderer: QSvgRenderer, size: int) -> bytes:
    """A square PNG, `size` pixels wide."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):
        raise OSError(f"Qt could not write a PNG of {size} pixels")
    return bytes(data.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon: a header, a directory, then the PNGs. 256 is written as 0."""
    entries, bodies, offset = b"", b"", 6 + 16 * len(pictures)
    for size, png in pictures.items():
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png), offset)
        bodies += png
        offset += len(png)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + bodies


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """A macOS icon: type and length before each PNG, the lengths with their own eight bytes."""
    body = b"".join(kind + struct.pack(">I", len(png) + 8) + png for kind, png in pictures.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def generate(folder: Path) -> None:
    """Write all icon files into `folder`."""
    renderer = QSvgRenderer(str(SVG))
    if not renderer.isValid():
        raise ValueError(f"{SVG.name} is not an SVG that Qt can draw")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {size: draw(renderer, size) for size in {*ICO_SIZES, *PNG_SIZES, *ICNS_TYPES.values()}}
    (folder / "capflow.ico").write_bytes(ico({size: drawn[size] for size in ICO_SIZES}))
    (folder / "capflow.icns").write_bytes(icns({kind: drawn[size] for kind, size in ICNS_TYPES.items()}))
    for size in PNG_SIZES:
        (folder / f"capflow-{size}.png").write_bytes(drawn[size])


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
