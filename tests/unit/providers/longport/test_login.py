"""Who asks: credentials that are wrong, and an access token in its last week."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey
from capflow_gui.domain.link import LinkPhase
from capflow_gui.errors import (
    AuthFailed,
)
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from tests.unit.providers.longport.linked import (
    FREE,
    TENCENT,
    config_of,
    provider_of,
    running,
    until,
)
from tests.unit.simulator.longport.client import simulated


@pytest.mark.parametrize(
    ("key", "code"),
    [({"secret": "wrong"}, 403201), ({"access_token": "stale"}, 401004), ({"key": "other"}, 403203)],
)
async def test_wrong_credentials_stop_and_ask(
    key: dict[str, str], code: int, expect_log: Callable[[str], None]
) -> None:
    expect_log(f"refused: .*{code}")
    expect_log(r"WARNING capflow_gui.providers.link: ")
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, **key)
        with pytest.raises(AuthFailed) as caught:
            async with running(provider):
                pass
        assert caught.value.code == code
        assert provider.link.phase is LinkPhase.FAILED
        assert simulator.stats.connections == 0


@pytest.mark.parametrize("days", [6.9, 7.1, None])
async def test_an_access_token_in_its_last_week_is_changed(days: float | None) -> None:
    async with simulated(FREE) as simulator:
        clock, account, kept = SystemClock(), simulator.account, list[AppKey]()
        expires = clock.wall() + days * 86_400 if days is not None else None

        async def keep(key: AppKey) -> None:
            kept.append(key)

        key = AppKey(account.app_key, account.app_secret, account.access_token, expires)
        provider = LongportProvider(config_of(simulator, "websocket"), KeyLogin(key, clock, keep), clock)
        async with running(provider):
            assert await provider.get_capital_flow(TENCENT)
            provider.reconnect_now()
            await until(lambda: simulator.stats.connections == 2 and provider.link.phase is LinkPhase.READY)
        if days == 6.9:
            assert [each.access_token for each in kept] == [account.access_token]
            assert kept[0].access_token != key.access_token
            assert kept[0].expires == pytest.approx(clock.wall() + 90 * 86_400, abs=60)
            assert account.token_expires == pytest.approx(kept[0].expires, abs=1)
        else:
            assert kept == []
