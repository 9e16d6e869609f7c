#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session that stops while entries work withdraws them: session_stop_test.py TUTTI CONFIG.

Both entries of a group stand a fifth away from the price, which it does not come to while this test looks, and no agent decides.
So nothing depends on how fast anything is: they work when the session is told to stop.
"""
import json
import tempfile

from api_test import Session, run, wait_for

SETTINGS = [
    "clock.speed=60",
    "orders.ack_timeout=3600",
    "orders.entry_expiry=604800",
    "coordinator.schedules.trading_decision.interval=86400",
    "risk.max_stop_pct=20",
    "api.limit_default=0",
]


def rows(session, topic):
    text = run("journal", "dump", session.out, "--topic", topic, "--json")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def price_of(session, symbol):
    """The close of the newest bar that the journal has; None before the first."""
    bars = [row for row in rows(session, "market_data.bar") if row["symbol"] == symbol]
    return float(bars[-1]["payload"]["close"]) if bars else None


def working_entries(session):
    """None as long as the read model is not there yet: a session is ready without it."""
    code, _, answer = session.get("/api/v1/orders?limit=100", session.token)
    assert code in (200, 503), (code, answer)
    items = answer["items"] if code == 200 else []
    return {int(item["order_id"]) for item in items if item["role"] == "entry" and item["state"] == "submitted"}


def place_group(session):
    """Two stop entries, far above and far below the price."""
    price = []
    wait_for(lambda: price.append(price_of(session, "BTC/USDT")) or price[-1])
    levels = {"upper": 1.2, "upper-stop": 1.15, "upper-target": 1.4, "lower": 0.8, "lower-stop": 0.85, "lower-target": 0.6}
    words = ["straddle", "--yes", "--symbol", "BTC/USDT", "--size", "5", "--json", "--out", session.out]
    for name, share in levels.items():
        words += ["--" + name, str(round(price[-1] * share))]
    done = json.loads(run(*words))
    assert "is proposed to risk" in done["message"], done


def main():
    with tempfile.TemporaryDirectory() as folder:
        session = Session(folder, *SETTINGS)
        place_group(session)
        wait_for(lambda: len(working_entries(session)) == 2)
        working = working_entries(session)
        session.stop()
        events = [row["payload"]["event"] for row in rows(session, "session_events")]
        assert events.index("stopping") < events.index("stopped"), events
        cancels = [row["payload"] for row in rows(session, "order_cancels")]
        stopped = {row["order_id"] for row in cancels if row["reason"] == "the session stops"}
        assert stopped == working and len(cancels) == 2, (cancels, working)
        sent = {row["payload"]["order_id"] for row in rows(session, "order_intents")}
        assert sent == working, (sent, working)
    print("session stop: ok")


if __name__ == "__main__":
    main()
