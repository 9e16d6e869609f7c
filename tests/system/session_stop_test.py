#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session that stops while an entry works withdraws it: session_stop_test.py TUTTI CONFIG.

Orders and reports take a minute of market time each, so that an entry is likely to work still when the session is told to
stop; where it was filled just before, another session is tried.
"""
import json
import tempfile

from api_test import Session, run, wait_for

SESSIONS = 6


def rows(session, topic):
    text = run("journal", "dump", session.out, "--topic", topic, "--json")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def working_entries(session):
    """None as long as the read model is not there yet: a session is ready without it."""
    code, _, answer = session.get("/api/v1/orders?limit=100", session.token)
    assert code in (200, 503), (code, answer)
    items = answer["items"] if code == 200 else []
    return [item for item in items if item["role"] == "entry" and item["state"] in ("pending", "submitted")]


def stop_with_an_entry(folder):
    """The entries that were withdrawn by the stop of one session."""
    session = Session(folder, "clock.speed=300", "venue.order_latency=60", "venue.report_latency=60",
                      "orders.ack_timeout=3600", "api.limit_default=0")
    wait_for(lambda: working_entries(session))
    session.stop()
    cancels = [row["payload"] for row in rows(session, "order_cancels")]
    events = [row["payload"]["event"] for row in rows(session, "session_events")]
    assert events.index("stopping") < events.index("stopped"), events
    entries = {row["payload"]["order_id"] for row in rows(session, "order_intents") if row["payload"]["role"] == "entry"}
    stopped = {row["order_id"] for row in cancels if row["reason"] == "the session stops"}
    assert stopped <= entries, (stopped, entries)
    return stopped


def main():
    for _ in range(SESSIONS):
        with tempfile.TemporaryDirectory() as folder:
            if stop_with_an_entry(folder):
                print("session stop: ok")
                return
    raise AssertionError(f"no entry was withdrawn by the stop of {SESSIONS} sessions")


if __name__ == "__main__":
    main()
