"""A desk is tried as the user fills it in, and its secret goes into the keyring alone."""

from __future__ import annotations

import pytest

from capflow_gui.app.desk.sign_in import DeskSignIn
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.errors import SettingsError
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import DeskSettings
from tests.desk_bus import Bus, bus
from tests.unit.providers.desk.linked import publishing
from tests.unit.test_credentials import Ring

__all__ = ["bus"]


@pytest.fixture
def ring() -> Ring:
    return Ring()


async def test_a_desk_that_lets_the_window_in(bus: Bus, ring: Ring):
    desk = DeskSettings("127.0.0.1", bus.port, "ws01")
    sign_in = DeskSignIn(SystemClock(), no_log, lambda: ring)
    async with publishing(bus):
        report = await sign_in.test(desk, bus.secrets["ws01"])
        assert (report.usable, report.title) == (True, "The desk answered.")
        await sign_in.keep(desk, bus.secrets["ws01"])
        assert list(ring.kept) == [("capflow", f"desk ws01@127.0.0.1:{bus.port}")]
        assert (await sign_in.test(desk, "")).usable


async def test_without_a_keyring_it_says_how_to_give_the_secret():
    with pytest.raises(SettingsError) as caught:
        await DeskSignIn(SystemClock(), no_log, lambda: None).keep(DeskSettings("127.0.0.1", 4222, "ws01"), "s3cret")
    said = "start Capflow with the secret in CAPFLOW_DESK_SECRET, and leave the field empty."
    assert error_sentence(caught.value).endswith(said)


@pytest.mark.parametrize(
    ("secret", "advice"),
    [
        ("another", "The desk does not let ws01 in:"),
        ("", "There is no secret for ws01"),
    ],
)
async def test_one_that_does_not_is_said_in_a_sentence(bus: Bus, ring: Ring, secret: str, advice: str, expect_log):
    expect_log("WARNING capflow_gui.providers.link: desk: ")
    desk = DeskSettings("127.0.0.1", bus.port, "ws01")
    report = await DeskSignIn(SystemClock(), no_log, lambda: ring).test(desk, secret)
    assert not report.usable
    assert report.advice.startswith(advice)
