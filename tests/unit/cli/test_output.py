"""Output that never holds up the program, and says once what became of it."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import pytest

from capflow_gui.cli.output import Output, OutputFailed, logging_through, say, write_out


@contextmanager
def pipe() -> Iterator[tuple[int, IO[str]]]:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        yield reading, stream
    os.close(reading)


async def test_texts_come_in_order_and_in_utf_8() -> None:
    with pipe() as (reading, stream), closing(Output(stream)) as output:
        output.put("一\n")
        await output.write("−2\n")
        await output.write("\udcff3\n")
        assert os.read(reading, 100).decode() == "一\n−2\n\\udcff3\n"


async def test_a_full_pipe_holds_up_nobody_but_who_waits() -> None:
    with pipe() as (reading, stream), closing(Output(stream)) as output:
        os.set_blocking(reading, False)
        writing = asyncio.create_task(output.write("x" * 200_000))
        done, _ = await asyncio.wait({writing}, timeout=0.05)
        assert not done
        read = 0
        while not writing.done():
            try:
                read += len(os.read(reading, 65536))
            except BlockingIOError:
                await asyncio.sleep(0)
        while read < 200_000:
            read += len(os.read(reading, 65536))
        await writing


async def test_a_pipe_that_does_not_block_is_written_to_the_end() -> None:
    with pipe() as (reading, stream), closing(Output(stream)) as output:
        os.set_blocking(stream.fileno(), False)
        writing = asyncio.create_task(output.write("x" * 200_000))
        read = b""
        while len(read) < 200_000:
            read += await asyncio.to_thread(os.read, reading, 65536)
        await writing
    assert read == b"x" * 200_000


async def test_cancelling_who_waits_takes_nothing_back() -> None:
    with pipe() as (reading, stream), closing(Output(stream)) as output:
        waiting = asyncio.create_task(output.write("whole\n"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        await output.write("next\n")
        assert os.read(reading, 100) == b"whole\nnext\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
async def test_once_it_failed_it_stays_failed() -> None:
    with os.fdopen(os.open("/dev/full", os.O_WRONLY), "w") as stream, closing(Output(stream)) as output:
        for _ in range(2):
            with pytest.raises(OutputFailed, match="the output cannot be written: No space left on device"):
                await output.write("x")


async def test_a_closed_pipe_is_said_in_its_own_words() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with (
        os.fdopen(writing, "w") as stream,
        closing(Output(stream)) as output,
        pytest.raises(OutputFailed, match="whoever read the output has closed it"),
    ):
        await output.write("x")


async def test_without_a_stream_it_fails() -> None:
    with closing(Output(None)) as output, pytest.raises(OutputFailed, match="no standard output"):
        await output.write("x")


async def test_a_stream_without_a_file_is_written_as_text() -> None:
    stream = io.StringIO()
    with closing(Output(stream)) as output:
        await output.write("x")
    assert stream.getvalue() == "x"


async def test_the_log_waits_for_its_reader_in_the_outputs_thread(
    monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("inside")
    before, stream = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", before)
    handler = logging.StreamHandler(before)
    logging.getLogger().addHandler(handler)
    logger = logging.getLogger("capflow_gui.test")
    try:
        with closing(Output(stream)) as output, logging_through(output):
            logger.error("inside")
            await output.write("")
    finally:
        logging.getLogger().removeHandler(handler)
    assert (stream.getvalue(), before.getvalue()) == ("inside\n", "")
    assert handler.stream is before


class Broken(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")

    def fileno(self) -> int:
        raise OSError


def test_writing_at_once_fails_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Broken())
    with pytest.raises(OutputFailed, match="No space left"):
        write_out("x")
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputFailed, match="no standard output"):
        write_out("x")


@pytest.mark.parametrize("stream", [Broken(), None])
def test_sentences_that_nobody_can_read_are_dropped(monkeypatch: pytest.MonkeyPatch, stream: IO[str] | None) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    say("x")


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
def test_a_terminal_gets_nothing_that_moves_its_cursor_or_turns_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    master, terminal = os.openpty()
    with os.fdopen(terminal, "w", encoding="utf-8") as stream, os.fdopen(master, "rb", buffering=0) as screen:
        monkeypatch.setattr(sys, "stdout", stream)
        write_out("a\u202eb\x1b[31m\u2028 一 −2…\n")
        assert screen.read(200).decode() == "a\\u202eb\\x1b[31m\\u2028 一 −2…\r\n"


def test_sentences_on_stderr_have_no_marks_of_direction_and_figures_for_a_program_stay(
    capfd: pytest.CaptureFixture[str],
) -> None:
    say("no channel a\u202eb\x1b[31m\n")
    write_out("a\u202eb,1\n")
    out, err = capfd.readouterr()
    assert (out, err) == ("a\u202eb,1\n", "no channel a\\u202eb\\x1b[31m\n")
