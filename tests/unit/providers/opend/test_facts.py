from __future__ import annotations

import pytest

from capflow_gui.domain.link import LinkFact
from capflow_gui.present.reasons import reason_words
from capflow_gui.providers.opend.facts import OpendFacts
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.pb.opend import common_pb2, notify_pb2, qot_common_pb2
from tests.reasons import said

NONE, BMP, LEVEL1, LEVEL2, LEVEL3 = (
    qot_common_pb2.QOT_RIGHT_NONE,
    qot_common_pb2.QOT_RIGHT_BMP,
    qot_common_pb2.QOT_RIGHT_LEVEL1,
    qot_common_pb2.QOT_RIGHT_LEVEL2,
    qot_common_pb2.QOT_RIGHT_LEVEL3,
)


def push(**s2c: object) -> bytes:
    answer = notify_pb2.Response(retType=0)
    answer.s2c.CopyFrom(notify_pb2.S2C(type=0, **s2c))
    return answer.SerializeToString()


def rights(hk: int, us: int, cn: int, **more: int) -> bytes:
    return push(qotRight=notify_pb2.QotRight(hkQotRight=hk, usQotRight=us, cnQotRight=cn, **more))


def lost(facts: OpendFacts) -> str | None:
    reason = dict(facts.as_pairs()).get(LinkFact.QUOTE_RIGHT_LOST)
    return None if reason is None else reason_words(reason)


def test_a_right_never_had_is_not_lost() -> None:
    facts = OpendFacts()
    facts.on_notify(rights(LEVEL2, NONE, LEVEL1))
    assert lost(facts) is None


def test_lost_rights_are_named_by_market_until_they_come_back() -> None:
    facts = OpendFacts()
    facts.on_notify(rights(LEVEL2, LEVEL3, LEVEL1, shQotRight=LEVEL2, szQotRight=LEVEL1))
    facts.on_notify(rights(BMP, NONE, LEVEL1, shQotRight=LEVEL1, szQotRight=LEVEL2))
    assert lost(facts) == "HK: level 2 → BMP, US: level 3 → none, SH: level 2 → level 1"
    facts.new_connection()
    assert lost(facts) is not None
    facts.on_notify(rights(LEVEL2, NONE, LEVEL1, shQotRight=LEVEL2, szQotRight=LEVEL2))
    assert lost(facts) == "US: level 3 → none"
    facts.on_notify(rights(LEVEL2, LEVEL3, LEVEL1, shQotRight=LEVEL2, szQotRight=LEVEL2))
    assert lost(facts) is None


def test_an_unknown_right_says_nothing() -> None:
    facts = OpendFacts()
    facts.on_notify(rights(LEVEL2, LEVEL1, LEVEL1))
    facts.on_notify(rights(0, 99, LEVEL1))
    assert lost(facts) is None


@pytest.mark.parametrize(
    ("event", "fact"),
    [
        (notify_pb2.GTW_EVENT_KICKED_OUT, LinkFact.KICKED_OUT),
        (notify_pb2.GTW_EVENT_LOGIN_PASSWORD_CHANGED, LinkFact.KICKED_OUT),
        (notify_pb2.GTW_EVENT_LOGIN_BANNED, LinkFact.KICKED_OUT),
        (notify_pb2.GTW_EVENT_NEED_PHONE_CODE, LinkFact.LOGGED_OUT),
        (notify_pb2.GTW_EVENT_LOGIN_FAILED, LinkFact.LOGGED_OUT),
        (notify_pb2.GTW_EVENT_TRADE_PASSWORD_CHANGED, None),
        (1000, None),
    ],
)
def test_events(event: int, fact: LinkFact | None) -> None:
    facts = OpendFacts()
    facts.on_notify(push(event=notify_pb2.GtwEvent(eventType=event, desc="in OpenD's words")))
    assert facts.as_pairs() == (() if fact is None else ((fact, said("in OpenD's words")),))


def test_a_ready_programme_ends_logged_out_and_kicked_out() -> None:
    facts = OpendFacts()
    facts.on_notify(push(event=notify_pb2.GtwEvent(eventType=notify_pb2.GTW_EVENT_KICKED_OUT, desc="x")))
    failed = common_pb2.ProgramStatus(type=common_pb2.PROGRAM_STATUS_LOGIN_FAILED)
    facts.on_notify(push(programStatus=notify_pb2.ProgramStatus(programStatus=failed)))
    assert dict(facts.as_pairs()) == {
        LinkFact.KICKED_OUT: said("x"),
        LinkFact.LOGGED_OUT: Reason.of(Code.OPEND_LOGIN_FAILED),
    }
    ready = common_pb2.ProgramStatus(type=common_pb2.PROGRAM_STATUS_READY)
    facts.on_notify(push(programStatus=notify_pb2.ProgramStatus(programStatus=ready)))
    assert facts.as_pairs() == ()


def test_an_event_without_words_gets_ours() -> None:
    facts = OpendFacts()
    facts.on_notify(push(event=notify_pb2.GtwEvent(eventType=notify_pb2.GTW_EVENT_KICKED_OUT, desc="")))
    assert facts.as_pairs() == ((LinkFact.KICKED_OUT, Reason.of(Code.KICKED_OUT)),)


def test_a_new_connection_forgets_the_old_ones_login_and_keeps_our_own_warning() -> None:
    facts = OpendFacts()
    facts.set(LinkFact.UNENCRYPTED_REMOTE, said("far"))
    gone = notify_pb2.ConnectStatus(qotLogined=False, trdLogined=False)
    facts.on_notify(push(connectStatus=gone))
    assert len(facts.as_pairs()) == 2
    facts.new_connection()
    assert facts.as_pairs() == ((LinkFact.UNENCRYPTED_REMOTE, said("far")),)
