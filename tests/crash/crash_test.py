#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a running paper session again and again, and checks what the restart makes of it.

crash_test.py TUTTI CONFIG [ROUNDS]: TUTTI is a build with the option fault_points; CONFIG a paper session.

Each round starts the session in the same folder and kills it: at a random moment, or at a fault point (between
intent and send, between send and answer, between fill and report, around a commit, in a snapshot, in a transaction
of the read model). After each round the journal must verify (hash chain, books, replay to the same bytes) and must
begin with all that it held before. At the end the exchange's own log, which the engine never reads, is held against
the journal: no order twice, none that the journal does not know, every execution booked once.

Covers: host/fault.c host/store_thread.c
"""
import collections
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import exchange_log  # noqa: E402

POINTS = ["before_commit", "after_commit", "before_send", "after_accept", "before_report", "in_snapshot",
          "before_store"]


def fail(text):
    print(f"FAILED: {text}")
    sys.exit(1)


class Session:
    """One folder, many processes."""

    def __init__(self, tutti, config, folder):
        self.tutti, self.config, self.folder = tutti, config, folder
        self.messages = {"order_intents": [], "fills": []}
        self.last_seq = 0

    def start(self, fault=None):
        environment = dict(os.environ)
        environment.pop("TUTTI_FAULT", None)
        if fault:
            environment["TUTTI_FAULT"] = fault
        return subprocess.Popen(
            [self.tutti, "run", self.config, "--out", self.folder, "--quiet",
             "--set", "api.enabled=false", "--set", "clock.speed=3000",
             "--set", "journal.snapshot_steps=3000"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ask(self, *words):
        result = subprocess.run([self.tutti, *words], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            fail(f"tutti {' '.join(words)}: exit {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-4000:]}")
        return result.stdout

    def dump(self, topic):
        return [json.loads(line) for line in self.ask("journal", "dump", self.folder, topic).splitlines()]

    def check(self):
        """Verifies the journal; nothing that was there before may be gone or different."""
        last = json.loads(self.ask("verify", self.folder, "--json"))["last_seq"]
        if last < self.last_seq:
            fail(f"the journal ended at message {self.last_seq}, now at {last}")
        self.last_seq = last
        for topic, known in self.messages.items():
            now = self.dump(topic)
            if now[: len(known)] != known:
                fail(f"{topic}: what was recorded before the crash has changed")
            self.messages[topic] = now


def kill_at_random(process, generator):
    time.sleep(generator.uniform(0.05, 0.7))
    process.send_signal(signal.SIGKILL)
    process.communicate()


def wait_for_fault(process, generator):
    """Waits for the fault point; one that is not reached in time becomes a random kill."""
    try:
        process.communicate(timeout=2)
    except subprocess.TimeoutExpired:
        kill_at_random(process, generator)
        return False
    if process.returncode != -signal.SIGKILL:
        fail(f"a session ended by itself with exit {process.returncode}")
    return True


def run_round(session, generator, number):
    fault = None
    if number % 2 == 0:
        fault = f"{POINTS[(number // 2) % len(POINTS)]}:{generator.choice([1, 1, 2, 3, 5, 9])}"
    process = session.start(fault)
    if fault is None:
        kill_at_random(process, generator)
        return "random"
    return fault.split(":")[0] if wait_for_fault(process, generator) else "random"


def stop_in_order(session, seconds):
    process = session.start()
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    if process.returncode != 0:
        fail(f"an orderly stop ended with exit {process.returncode}\n{output[-3000:]}")


def compare_with_exchange(session):
    try:
        return exchange_log.compare(
            session.folder, session.messages["order_intents"], session.messages["fills"], session.dump("execution_events"))
    except AssertionError as error:
        return fail(str(error))


def main():
    tutti, config = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 56
    seed = int(os.environ.get("TUTTI_CRASH_SEED", "20260101"))
    generator = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="tutti-crash-") as folder:
        session = Session(tutti, config, os.path.join(folder, "session"))
        struck = collections.Counter()
        for number in range(rounds):
            struck[run_round(session, generator, number)] += 1
            if os.path.exists(os.path.join(session.folder, "journal", "meta")):
                session.check()
        # Two orderly runs settle what was in flight: the first asks, the second finds nothing left to ask.
        stop_in_order(session, 4)
        stop_in_order(session, 4)
        session.check()
        orders, executions = compare_with_exchange(session)
        session.ask("store", "rebuild", session.folder)
    points = ", ".join(f"{name} {count}" for name, count in sorted(struck.items()))
    print(f"{rounds} kills ({points}), seed {seed}: {orders} orders, {executions} executions, {session.last_seq} messages")


if __name__ == "__main__":
    main()
