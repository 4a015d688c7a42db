"""What the operating system says is read in the language of the rest."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from capflow_gui.present.language.catalogues import speak
from capflow_gui.present.language.system_errors import SYSTEM_ERRORS
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason

MET = (
    "EACCES",
    "EPERM",
    "ENOENT",
    "EEXIST",
    "EROFS",
    "ENOSPC",
    "EIO",
    "EMFILE",
    "ECONNREFUSED",
    "EPIPE",
    "EHOSTUNREACH",
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has words of its own for sockets")
@pytest.mark.parametrize("name", MET)
def test_what_is_met_often_is_known(name: str) -> None:
    assert os.strerror(getattr(errno, name)) in SYSTEM_ERRORS


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Permission denied"), ("zh_CN", "没有权限"), ("zh_HK", "沒有權限")]
)
def test_a_reason_says_it_in_the_readers_language(language: str, said: str) -> None:
    speak(language)
    try:
        words = reason_words(Reason.of(Code.NOT_SET_ASIDE, path="x", why="Permission denied"))
        other = reason_words(Reason.of(Code.NOT_SET_ASIDE, path="x", why="The moon is full"))
        markets = reason_words(Reason.of(Code.MARKETS, markets="HK, US"))
    finally:
        speak("en")
    assert said in words
    assert "The moon is full" in other
    assert ("HK、US" in markets) == (language != "en")
