"""The HTTP side of the simulated Longport."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import aiohttp
import pytest

from capflow_gui.simulator.longport.server import LongportConfig
from tests.unit.simulator.longport.client import ask_http, simulated


async def test_who_may_ask_over_http() -> None:
    async with simulated() as simulator, aiohttp.ClientSession() as session:
        status, answer = await ask_http(simulator, session, "GET", "/v1/socket/token")
        assert (status, answer["code"], answer["data"]["limit"]) == (200, 0, 10)
        status, answer = await ask_http(simulator, session, "GET", "/v1/socket/token", secret="wrong")
        assert (status, answer["code"]) == (403, 403201)
        status, answer = await ask_http(simulator, session, "GET", "/v1/socket/token", token="stale")
        assert (status, answer["code"]) == (401, 401004)
        path = "/v1/token/refresh?expired_at=2027-02-20T08%3A16%3A58.006227987Z"
        status, answer = await ask_http(simulator, session, "GET", path)
        assert (status, answer["data"]["token"]) == (200, simulator.account.access_token)
        simulator.account.token_expires = 1.0
        status, answer = await ask_http(simulator, session, "GET", "/v1/watchlist/groups")
        assert (status, answer["code"]) == (401, 401003)


async def test_the_watchlist_and_the_fall_back() -> None:
    async with simulated(LongportConfig(ids_as_text=False)) as simulator, aiohttp.ClientSession() as session:
        _, answer = await ask_http(simulator, session, "GET", "/v1/watchlist/groups")
        names = [group["name"] for group in answer["data"]["groups"]]
        assert names == ["HK core", "US tech", "Connect"]
        assert isinstance(answer["data"]["groups"][0]["id"], int)
        _, flow = await ask_http(simulator, session, "POST", "/quote/capital-flow", {"symbol": "700.HK"})
        assert flow["data"]["symbol"] == "700.HK"
        assert flow["data"]["capital_flow_lines"][0]["inflow"].endswith(".000")
        many = [str(each.symbol) for each in simulator.view.market.listings.values() if each.has_flow][:12]
        _, quotes = await ask_http(simulator, session, "POST", "/quote/quotes", {"symbol": many})
        assert [each["symbol"] for each in quotes["data"]["secu_quote"]] == many
        _, refused = await ask_http(simulator, session, "POST", "/quote/capital-flow", {"symbol": "12345.HK"})
        assert refused["code"] == 301600
        assert simulator.in_flight.now == 0
        status, answer = await ask_http(simulator, session, "GET", "/")
        assert status == 404


async def test_oauth_with_pkce() -> None:
    from capflow_gui.wire.longport.signature import pkce_challenge

    async with simulated() as simulator, aiohttp.ClientSession() as session:
        base = simulator.http_url + "/oauth2"
        target = "http://127.0.0.1:60355/callback"
        async with session.post(f"{base}/register", json={"redirect_uris": [target]}) as response:
            client_id = (await response.json())["client_id"]

        async def code() -> str:
            query = {
                "response_type": "code",
                "client_id": client_id,
                "redirect_uri": target,
                "state": "s",
                "code_challenge": pkce_challenge("verifier"),
                "code_challenge_method": "S256",
            }
            async with session.get(f"{base}/authorize", params=query, allow_redirects=False) as response:
                assert response.status == 302
                return response.headers["Location"].rpartition("code=")[2]

        async def token(**form: str) -> tuple[int, dict[str, str]]:
            async with session.post(f"{base}/token", data={"client_id": client_id, **form}) as response:
                return response.status, await response.json()

        form = {"grant_type": "authorization_code", "redirect_uri": target}
        assert (await token(**form, code=await code(), code_verifier="wrong"))[0] == 400
        status, tokens = await token(**form, code=await code(), code_verifier="verifier")
        assert status == 200
        bearer = {"Authorization": f"Bearer {tokens['access_token']}", "X-Api-Key": client_id, "X-Timestamp": "1"}
        async with session.get(f"{simulator.http_url}/v1/socket/token", headers=bearer) as response:
            assert (await response.json())["code"] == 0
            assert response.headers["X-Simulated"] == "SIMULATED"
        status, renewed = await token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert status == 200
        async with session.post(f"{base}/revoke", data={"token": renewed["access_token"]}) as response:
            assert response.status == 200
        async with session.get(f"{simulator.http_url}/v1/socket/token", headers=bearer) as response:
            assert (response.status, (await response.json())["code"]) == (401, 401102)


async def test_a_broker_that_went_away_closes_the_connections_that_clients_keep(settle_tasks: Any) -> None:
    async with simulated() as simulator, aiohttp.ClientSession() as session:
        await ask_http(simulator, session, "POST", "/quote/capital-flow", {"symbol": "700.HK"})
        gone = simulator.faults.add("refuse")
        await settle_tasks()
        with pytest.raises(aiohttp.ClientConnectionError):
            await ask_http(simulator, session, "POST", "/quote/capital-flow", {"symbol": "700.HK"})
        simulator.faults.remove(gone)


async def test_what_has_answered_is_let_go_with_its_market(settle_tasks: Any) -> None:
    """Each demo that is opened has one of its own."""
    async with simulated() as simulator, aiohttp.ClientSession() as session:
        assert (await ask_http(simulator, session, "GET", "/v1/socket/token"))[0] == 200
    left = weakref.ref(simulator)
    del simulator
    await settle_tasks()
    gc.collect()
    assert left() is None
