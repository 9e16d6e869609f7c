#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session whose journal is archived and dropped, killed and started again: retention_test.py TUTTI CONFIG.

It goes on from its snapshot; verify, replay, why and journal verify say what they can and cannot do without the
beginning. Without a snapshot, or with one that the journal does not reach, the session does not start, and says why.

Covers: host/retain_thread.c host/recover.c host/verify.c cli/cmd_verify.c
"""
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SETTINGS = ["clock.speed=300", "synthetic.tick_interval=0.05", "api.enabled=false", "store.enabled=false",
            "journal.segment_mib=1", "journal.archive=true", "journal.retain_mib=1", "journal.snapshot_steps=2000"]
PATIENCE_S = 120
NOT_FOUND, CORRUPT = 4, 6


class Suite:
    def __init__(self, tutti, config, folder):
        self.tutti, self.folder = tutti, folder
        self.command = [tutti, "run", config, "--quiet"] + [word for set in SETTINGS for word in ("--set", set)]
        self.count = self.failed = 0

    def check(self, name, holds, what):
        self.count += 1
        self.failed += not holds
        print(f"{'ok' if holds else 'FAILED'}: {name}" + ("" if holds else f"\n  {what}"))

    def start(self, out):
        return subprocess.Popen(self.command + ["--out", out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True)

    def tell(self, *words):
        done = subprocess.run([self.tutti, *words], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def wait_for(is_there, session):
    end = time.monotonic() + PATIENCE_S
    while not is_there() and session.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    return is_there()


def snapshots(out):
    return sorted(glob.glob(os.path.join(out, "journal", "snapshot-*.tts")))


def run_and_kill(suite, out):
    begin = os.path.join(out, "journal", "begin")
    session = suite.start(out)
    dropped = wait_for(lambda: os.path.exists(begin), session)
    session.send_signal(signal.SIGKILL)
    text = session.communicate()[0]
    suite.check("segments are archived and dropped while it runs", dropped, text)
    suite.check("the first segment is gone", not glob.glob(os.path.join(out, "journal", "0" * 19 + "1.tt*")),
                os.listdir(os.path.join(out, "journal")))


def go_on(suite, out):
    before = snapshots(out)
    session = suite.start(out)
    wait_for(lambda: snapshots(out)[-1] > before[-1], session)
    session.send_signal(signal.SIGINT)
    text = session.communicate(timeout=PATIENCE_S)[0]
    suite.check("a killed session goes on from its snapshot",
                session.returncode == 0 and "from a snapshot" in text and "left aside" not in text, text)
    suite.check("no spare segment is left", not os.path.exists(os.path.join(out, "journal", "spare.new")), "")


def ask(suite, out):
    code, text = suite.tell("journal", "verify", out)
    first = re.search(r"it begins with message (\d+): older ones were dropped", text)
    suite.check("journal verify names the beginning", code == 0 and first, text)
    first = int(first.group(1)) if first else 0
    code, text = suite.tell("verify", out)
    suite.check("verify replays from the snapshot, and says what it cannot check",
                code == 0 and f"begins with message {first}" in text and "books are not checked" in text
                and "steps behind the newest snapshot gives the same bytes" in text, text)
    code, text = suite.tell("verify", out, "--json")
    told = json.loads(text)
    suite.check("verify --json says it, too",
                code == 0 and told["dropped"] == first - 1 and told["replayed"] is True, text)
    code, text = suite.tell("replay", out)
    suite.check("replay says that it needs all", code == 4 and f"begins with message {first}" in text, text)
    code, text = suite.tell("why", "--journal", out, str(first))
    suite.check("why explains what is there", code == 0 and f"#{first} " in text, text)
    code, text = suite.tell("why", "--journal", out, str(first - 1))
    suite.check("why names the range of what is there", code == 4 and f"from {first} to" in text, text)


def refuse(suite, name, out, words):
    before = sorted(os.listdir(os.path.join(out, "journal")))
    session = suite.start(out)
    text = session.communicate(timeout=PATIENCE_S)[0]
    suite.check(name, session.returncode != 0 and all(word in text for word in words),
                f"{session.returncode}: {text}")
    suite.check(f"{name}: nothing is changed", sorted(os.listdir(os.path.join(out, "journal"))) == before, before)
    return session.returncode


def main():
    tutti, config = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(tutti, config, folder)
        out, older = os.path.join(folder, "run"), os.path.join(folder, "older")
        run_and_kill(suite, out)
        shutil.copytree(out, older)
        go_on(suite, out)
        ask(suite, out)
        # The journal as it was at the kill, and a snapshot from later: whole commits are lost.
        shutil.copy(snapshots(out)[-1], os.path.join(older, "journal"))
        code = refuse(suite, "a journal that does not reach its snapshot is not continued", older,
                      ["does not confirm", "it ends before", "restore the folder from a copy"])
        suite.check("with the code of damage", code == CORRUPT, code)
        # Neither a beginning nor a snapshot.
        for path in snapshots(out):
            os.remove(path)
        code, text = suite.tell("verify", out)
        suite.check("verify without a snapshot does not claim a replay", code == 0 and "not replayed" in text, text)
        code = refuse(suite, "without a beginning and a snapshot it is not continued", out,
                      ["no snapshot can be used", "were dropped", "restore the folder from a copy"])
        suite.check("with the code of what is missing", code == NOT_FOUND, code)
    print(f"{suite.count} checks, {suite.failed} failed")
    sys.exit(1 if suite.failed else 0)


main()
