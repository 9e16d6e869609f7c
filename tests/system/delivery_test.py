#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a session says of what it delivered: delivery_test.py TUTTI CONFIG.

A stop with everything delivered; a stop while somebody holds the read model, which says what is missing, that nothing is lost, and
ends with exit code 11; the next start catches up.

Covers: host/delivery.c
"""
import json
import os
import signal
import sqlite3
import tempfile

from api_test import PATIENCE, Session, run, wait_for

OWED = ["effects", "venue_out", "steps_out", "read_model"]
SETTINGS = ["api.limit_default=0", "clock.speed=300"]


def stop(session, code):
    session.process.send_signal(signal.SIGTERM)
    assert session.process.wait(PATIENCE) == code, session.log()
    with open(os.path.join(session.out, "delivery.json"), encoding="utf-8") as file:
        return json.load(file)


def last_seq(session):
    text = run("journal", "dump", os.path.join(session.out, "journal"), "--last", "1", "--json")
    return json.loads(text.splitlines()[-1])["seq"]


def test_complete(session):
    delivery = stop(session, 0)
    queues = {row["queue"]: row for row in delivery["queues"]}
    assert delivery["complete"] is True and delivery["outcome"] == "complete", delivery
    assert [name for name, row in queues.items() if row["owed"]] == OWED, delivery
    assert all(queues[name]["left"] == 0 for name in OWED), delivery
    assert queues["read_model"]["delivered"] == last_seq(session), delivery
    assert queues["steps_out"]["delivered"] > 0 and queues["market_in"]["delivered"] > 0, delivery
    assert "delivery complete" in session.log(), session.log()


def is_held(store):
    """Takes the only right to write; the session may be writing just now."""
    try:
        store.execute("begin immediate")
    except sqlite3.OperationalError:
        return False
    return True


def test_stuck_read_model(session):
    """Another program holds the database: the journal has all, the read model what it had before."""
    store = sqlite3.connect(os.path.join(session.out, "store.db"), isolation_level=None)
    wait_for(lambda: is_held(store))
    stored = store.execute("select last_seq from projection").fetchone()[0]
    wait_for(lambda: session.get("/api/v1/bus", session.token)[2]["durable_seq"] > stored)
    delivery = stop(session, 11)
    store.execute("rollback")
    store.close()
    assert delivery["complete"] is False and delivery["outcome"] == "read_model_behind", delivery
    assert "only the read model is behind: orders and journal have all, nothing is lost" in session.log(), session.log()
    rows = [row for row in delivery["undelivered"] if row["queue"] in OWED]
    last = last_seq(session)
    wanted = {"queue": "read_model", "topic": "all", "count": last - stored, "first_seq": stored + 1, "last_seq": last}
    assert rows == [wanted], (rows, wanted)
    line = f"not delivered: read_model, all: {last - stored} (messages {stored + 1} to {last})"
    assert line in session.log() and "delivery complete" not in session.log(), (line, session.log())


def main():
    with tempfile.TemporaryDirectory() as folder:
        session = Session(folder, *SETTINGS)
        wait_for(lambda: session.get("/api/v1/bus", session.token)[2]["durable_seq"] > 100)
        test_stuck_read_model(session)
        session.start()
        test_complete(session)
        run("verify", session.out)
    print("delivery: ok")


if __name__ == "__main__":
    main()
