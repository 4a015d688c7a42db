"""Whether a refusal says that we asked too often, in whatever words, and for how long to wait."""

from __future__ import annotations

import re

# Chinese of both scripts, and English. Codes and exact texts differ between versions; what they speak of does not.
_FREQUENCY = re.compile(
    r"[频頻](?:率|繁|次)|限[频頻流]|(?:[过過]于|太|[过過])[频頻快密]|每\s*\d*\s*(?:秒|分)|[请請]求(?:次[数數])?[过過]多"
    r"|frequen|too (?:often|fast|quickly)|(?:rate|request|call|qps)[ _-]?limit|throttl"
    r"|too many(?! (?:codes|stocks|symbols|securities|items|connections|subscriptions))"
    r"|\d+ (?:times|requests|calls) (?:per|in|every|within)|(?:requests|calls) per (?:second|minute)",
    re.IGNORECASE,
)
_SECONDS = re.compile(r"每\s*(\d+)\s*秒|(\d+)\s*s(?:ec|\b)", re.IGNORECASE)
_MINUTES = re.compile(r"每\s*(\d+)\s*分|(\d+)\s*min", re.IGNORECASE)


def speaks_of_frequency(text: str) -> bool:
    """Whether a broker's text says that it was asked too often."""
    return _FREQUENCY.search(text) is not None


def window_named(text: str, otherwise: float) -> float:
    """The window a text names, in seconds; `otherwise` where it names none."""
    for pattern, unit in ((_SECONDS, 1.0), (_MINUTES, 60.0)):
        if found := pattern.search(text):
            return max(float(found.group(1) or found.group(2)) * unit, 1.0)
    return otherwise
