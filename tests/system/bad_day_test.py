#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One paper session in which everything goes wrong: bad_day_test.py TUTTI, in the source folder.

The exchange cannot be reached again and again, the process is killed in the middle of that and starts again, money was taken out of the
account meanwhile, the language model fails and comes back, the read model is locked and let go, the day loses more than it may, and
at last a person halts. Nothing may be lost and nothing may happen twice: the exchange's own log is held against the journal, and the
read model against both. Every transition must be explained by `tutti why`, back to the input with which it began.

Covers: host/session.c report/trace.c
"""
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import exchange_log  # noqa: E402
import llm_server  # noqa: E402

TUTTI = sys.argv[1]
PATIENCE = float(os.environ.get("TUTTI_TEST_PATIENCE", "120"))  # Seconds for one thing to happen.
SENTIMENT = {"bias": "bullish", "score": 0.4, "confidence": 0.8, "reasoning": "people are in good spirits"}


def write_config(folder, url):
    """The example of a paper session, with a model for the sentiment, high fees, and an exchange that is often away."""
    with open("examples/paper.yaml", encoding="utf-8") as file:
        text = file.read()
    text = text.replace("taker_fee_rate: 0.0005", "taker_fee_rate: 0.04")  # The day will lose.
    text = text.replace("  schedules:\n", "  schedules:\n    sentiment_analysis: {enabled: true, interval: 900, timeout: 600}\n", 1)
    text = text.replace("coordinator:\n", "coordinator:\n  degradation: {step_failures: 2, recovery_successes: 10}\n", 1)
    text = text.replace("trading_decision: {interval: 900,", "trading_decision: {interval: 300,")
    text = text.replace("listen: 127.0.0.1:8090", "listen: 127.0.0.1:0")
    path = os.path.join(folder, "config.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + f"""
risk:
  breakers: {{daily_loss_pct: 2.5}}
  cooldowns: {{post_trade: 0, post_loss: 0, consecutive_losses_3: 0, consecutive_losses_5: 0}}
venue: {{outage_every: 1500, outage_length: 300}}
llm:
  breaker_failures: 1000
  providers:
    - {{name: local, url: "{url}", model: local-model, input_price: 0, output_price: 0, requests_per_minute: 600, retries: 0,
        timeout: 5}}
  agents: {{sentiment_analysis: local}}
  prompts: {{sentiment_analysis: examples/prompts/sentiment_analysis.txt}}
""")
    return path


class Session:
    """One folder, two processes."""

    def __init__(self, config, folder):
        self.config, self.folder = config, folder
        self.process = None

    def start(self):
        with open(self.folder + ".log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([TUTTI, "run", self.config, "--out", self.folder], stdout=log, stderr=log)

    def output(self):
        with open(self.folder + ".log", encoding="utf-8") as log:
            return log.read()

    def address(self):
        return re.search(r"status page: http://([0-9.:]+)/", self.output()).group(1)

    def end(self, how):
        self.process.send_signal(how)
        status = self.process.wait(timeout=PATIENCE)
        assert status == (-how if how == signal.SIGKILL else 0), f"exit {status}\n{self.output()[-3000:]}"

    def ask(self, *words):
        result = subprocess.run([TUTTI, *words], capture_output=True, text=True, check=False)
        assert result.returncode == 0, f"{words}: exit {result.returncode}\n{result.stderr[-2000:]}"
        return result.stdout

    def dump(self, topic):
        return [json.loads(line) for line in self.ask("journal", "dump", self.folder, topic).splitlines()]

    def wait_for(self, what, topic, matches, after=0):
        """The first message of a topic that matches; what the journal does not show in time is a failure."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, f"the session ended: {self.output()[-3000:]}"
            if os.path.exists(os.path.join(self.folder, "journal", "meta")):
                for message in self.dump(topic):
                    if message["seq"] > after and matches(message["payload"]):
                        return message
            time.sleep(0.1)
        raise AssertionError(f"{what}: did not happen within {PATIENCE} s")

    def event(self, what, event, after=0, **fields):
        return self.wait_for(what, "system_events", lambda p: p["event"] == event and
                             all(p[name] == value for name, value in fields.items()), after)


def fail_model(session, server):
    """Failures of the model degrade the coordinator, its answers bring it back."""
    before = session.dump("system_events")[-1]["seq"]
    server.mode = "http_500"
    failed = session.wait_for("a failure of the model", "system_events", lambda p: p["event"] == "task_error" and
                              "HTTP 500" in p["message"], before)
    down = session.event("degradation", "degradation_increased", after=failed["seq"])
    server.mode = "mood"
    session.event("recovery from degradation", "degradation_recovery", after=down["seq"], new_value=0)
    return failed


def lock_database(session):
    path = os.path.join(session.folder, "store.db")
    lock = sqlite3.connect(path, timeout=30, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    down = session.event("the read model down", "part_down", subject="store")
    lock.execute("ROLLBACK")
    lock.close()
    session.event("the read model up", "part_up", after=down["seq"], subject="store")
    return down


def kill_in_an_outage(session):
    """Kills while something that was sent has no outcome, or could not be sent at all."""
    session.wait_for("an order without outcome", "execution_events", lambda p: p["new_state"] in ("unknown", "failed"))
    session.end(signal.SIGKILL)
    before = {topic: session.dump(topic) for topic in ("order_intents", "fills", "session_events")}
    exchange_log.transfer(os.path.join(session.folder, "exchange.log"), -250 * exchange_log.SCALE)
    session.start()
    session.wait_for("recovery", "session_events", lambda p: p["event"] == "recovered")
    return before


def settle_withdrawal(session):
    """Somebody took money out while the process was down: found, held, acknowledged by a person, and no loss."""
    found = session.wait_for("a withdrawal that nobody told of", "balance_reconciliations", lambda p: p["stage"] == "confirmed")
    assert found["payload"]["cause"] == "withdrawal" and found["payload"]["difference"] == "-250", found
    assert found["payload"]["blocks_entries"], found
    session.ask("acknowledge", "transfer", "--amount=-250", "--reason", "rent", "--yes", "--out", session.folder)
    (booked,) = session.dump("cash_bookings")
    assert booked["payload"]["kind"] == "withdrawal" and booked["payload"]["is_acknowledged"], booked
    assert booked["payload"]["found_seq"] == found["seq"], (booked, found)
    words = session.ask("why", "--journal", session.folder, str(booked["seq"]))
    assert "asked for acknowledge_transfer of -250: rent" in words and "confirmed (withdrawal): the books have" in words, words
    account = [m for m in session.dump("account_updates") if m["seq"] > booked["seq"]][0]["payload"]
    assert account["transfers"] == "-250", account
    assert not session.dump("balance_reconciliations")[-1]["payload"]["blocks_entries"]


def post(session, address, path, body):
    with open(os.path.join(session.folder, "api.token"), encoding="utf-8") as file:
        token = file.read().strip()
    request = urllib.request.Request(f"http://{address}/api/v1/{path}", json.dumps(body).encode(), method="POST",
                                     headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.loads(reply.read())


def halt(session):
    reply = post(session, session.address(), "coordinator/halt", {"reason": "enough for one day"})
    assert reply["outcome"] == "done", reply
    halted = session.event("the halt", "coordinator_halted")
    words = session.ask("why", "--journal", session.folder, str(halted["seq"]))
    assert "local asked for halt: enough for one day" in words, words


def chain_of(session, seq):
    return [link["message"] for link in json.loads(session.ask("why", "--journal", session.folder, str(seq), "--json"))["chain"]]


# What must stand behind each transition.
ORIGINS = {
    "part_down": {"health_reports"},
    "part_up": {"health_reports"},
    "coordinator_paused": {"risk_alerts"},
    "coordinator_halted": {"coordinator_commands"},
}


def check_explained(session):
    """Each change of state leads back to an input; those that are known, to one of the right kind."""
    inputs = {m["seq"] for m in [json.loads(line) for line in session.ask("journal", "dump", session.folder).splitlines()]
              if m["input"]}
    explained = 0
    changes = session.dump("system_events") + session.dump("notifications") + session.dump("risk_alerts")
    changes += [m for m in session.dump("execution_events") if m["payload"]["new_state"] in ("unknown", "failed")][:20]
    for message in changes:
        chain = chain_of(session, message["seq"])
        assert len(chain) > 1 and chain[0]["seq"] == message["seq"], message
        assert any(link["seq"] in inputs for link in chain), (message, [link["topic"] for link in chain])
        wanted = ORIGINS.get(message["payload"].get("event"))
        assert wanted is None or wanted & {link["topic"] for link in chain}, (message, [link["topic"] for link in chain])
        explained += 1
    return explained


def check_nothing_lost(session):
    intents, fills, events = (session.dump(topic) for topic in ("order_intents", "fills", "execution_events"))
    orders, executions = exchange_log.compare(session.folder, intents, fills, events)
    with sqlite3.connect(os.path.join(session.folder, "store.db")) as database:
        stored = {row[0] for row in database.execute("SELECT seq FROM fills")}
    assert stored == {m["seq"] for m in fills}, "the read model lacks fills, or has others"
    account = session.dump("account_updates")[-1]["payload"]
    assert account["unknown_orders"] == 0, account
    verified = json.loads(session.ask("verify", session.folder, "--json"))
    assert verified["verified"], verified
    return orders, executions


def main():
    llm_server.TEXTS["mood"] = json.dumps(SENTIMENT)
    with tempfile.TemporaryDirectory(prefix="tutti-bad-day-") as folder:
        server = llm_server.Server("mood")
        session = Session(write_config(folder, server.url), os.path.join(folder, "out"))
        try:
            session.start()
            session.wait_for("trading", "fills", lambda p: True)
            before = kill_in_an_outage(session)
            settle_withdrawal(session)
            failed = fail_model(session, server)
            lock_database(session)
            lost = session.wait_for("the loss of the day", "risk_alerts", lambda p: p["breach_type"] == "daily_loss" and
                                    p["alert_type"] == "circuit_breaker")
            paused = session.event("the pause", "coordinator_paused", after=lost["seq"])
            assert paused["cause"] == lost["seq"], paused
            halt(session)
            session.wait_for("no order without outcome", "account_updates", lambda p: p["unknown_orders"] == 0,
                             after=session.dump("account_updates")[-1]["seq"] - 1)
            session.end(signal.SIGINT)
        finally:
            if session.process.poll() is None:
                session.process.kill()
            server.close()
        for topic, known in before.items():
            assert session.dump(topic)[:len(known)] == known, f"{topic}: what was recorded before the kill has changed"
        lives = [m["payload"]["event"] for m in session.dump("session_events")]
        assert lives == ["started", "recovered", "stopping", "stopped"], lives
        orders, executions = check_nothing_lost(session)
        explained = check_explained(session)
        # What degrades after it may be its failures or those of orders: the exchange is away as well.
        assert "agent_answers" in {link["topic"] for link in chain_of(session, failed["seq"])}, failed
    print(f"1 passed, 0 failed: {orders} orders, {executions} executions, {explained} transitions explained")


main()
