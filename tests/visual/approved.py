"""Approved pictures. `CAPFLOW_APPROVE=1 pytest tests/visual` writes them anew: look at them first."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

GOLDEN = Path(__file__).parent / "golden"
# A pixel differs when a channel is off by more than this; so many of them (as a share) may, for other font engines.
CHANNEL, SHARE = 24, 0.002


def channels(image: QImage) -> np.ndarray:
    """(height, width, 3) of a picture in Format_RGB32."""
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), :3].astype(np.int16)


def compare(image: QImage, name: str, tmp_path: Path) -> None:
    """Fail where a picture differs from the approved one of its name."""
    if said := difference(image, name, tmp_path):
        pytest.fail(said)


def difference(image: QImage, name: str, tmp_path: Path) -> str:
    """How a picture differs from the approved one of its name, in words; empty where it does not."""
    golden = GOLDEN / f"{name}.png"
    if os.environ.get("CAPFLOW_APPROVE") == "1":
        golden.parent.mkdir(exist_ok=True)
        assert image.save(str(golden))
    approved = QImage(str(golden)).convertToFormat(QImage.Format.Format_RGB32)
    if approved.isNull():
        return f"no approved picture {golden.name}: look at it, then CAPFLOW_APPROVE=1"
    if image.size() != approved.size():
        return f"{golden.name} is {approved.size().toTuple()}, not {image.size().toTuple()}"
    if image == approved:  # soon found out, and the rule where the font engine is the same
        return ""
    off = (np.abs(channels(image) - channels(approved)) > CHANNEL).any(axis=2)
    if off.mean() <= SHARE:
        return ""
    seen = tmp_path / golden.name
    image.save(str(seen))
    return f"{off.mean():.2%} of {golden.name} differs; what was drawn is in {seen}"
