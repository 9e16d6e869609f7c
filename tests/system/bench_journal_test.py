#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of the journal in its short form: bench_journal_test.py BENCH_JOURNAL.

It shows that the benchmark runs, what it promises to report, and that it leaves nothing behind; not how fast anything
is. The program itself fails when a message is lost, changed or out of order in any of the logs.

Covers: the programs of bench/ that belong to bench_journal
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

BENCH = os.path.abspath(sys.argv[1])
COLUMNS = ["rate", "p50", "p99", "p99.9", "max"]
# Each pair of logs with the columns that have a budget, and whether it is a least one.
PAIRS = {
    "always, 64 publishers": {"rate": 1 / 1.1, "p50": 1.1, "p99": 1.1},
    "always, 1 M/s offered": {},
    "batch, 1 M/s offered": {"p50": 1.2, "p99": 1.2},
    "none, 1 M/s offered": {},
    "always, saturated, 64 KiB": {},
    "batch, saturated, 64 KiB": {"rate": 0.8},
    "batch, saturated, 256 KiB": {"rate": 0.8},
    "batch, saturated, 1024 KiB": {"rate": 0.8},
    "none, saturated, 1024 KiB": {},
}
ALWAYS_THERE = ["SQLite WAL FULL", "SQLite WAL NORMAL"]
OPTIONAL = ["LMDB", "Redis Streams always", "NATS JetStream"]


def run(folder, *words):
    return subprocess.run([BENCH, *words], capture_output=True, text=True, check=False, cwd=folder, timeout=250)


def servers_of(folder):
    """Processes that work in the folder of a run."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace")
        except OSError:
            continue
        if folder in words and "bench_journal" not in words.split("\0")[0] and int(pid) != os.getpid():
            found.append(words.replace("\0", " "))
    return found


def check_pairs(rows):
    for title, budgets in PAIRS.items():
        for column in COLUMNS:
            row = rows[f"{title}, {column}"]
            assert row["value"] > 0 and row["peer"] == "raw" and row["peer_value"] > 0, row
            assert abs(row["ratio"] - row["value"] / row["peer_value"]) < 0.01 * row["ratio"], row  # One turn.
            if column in budgets:
                assert abs(row["budget"] - budgets[column]) < 1e-3 and row["budget_of"] == "ratio", row
                is_least = column == "rate"
                assert row["within"] == (row["ratio"] >= row["budget"] if is_least else row["ratio"] <= row["budget"])
            else:
                assert row["budget"] is None and row["within"] is None, row
        values = [rows[f"{title}, {column}"]["value"] for column in COLUMNS[1:]]
        assert values == sorted(values), (title, values)


def check_peers(rows):
    for name in ALWAYS_THERE + OPTIONAL:
        if name in OPTIONAL and name in rows:
            assert rows[name]["note"].startswith("not installed: "), rows[name]
            continue
        for batch, beside in ((256, "Tutti, batch, 64 KiB"), (4096, "Tutti, batch, 1024 KiB")):
            rate = rows[f"{name}, {batch} a commit, rate"]
            assert rate["value"] > 0 and rate["peer"] == beside and rate["ratio"] > 0, rate
            for column in ("commit p50", "commit p99"):
                assert rows[f"{name}, {batch} a commit, {column}"]["value"] > 0
        assert "kept up with" in rows[f"{name}, 1 M/s offered"]["note"]


def check_rest(rows):
    for how in ("in the page cache", "from the disk"):
        whole = rows[f"recovery of 1 M messages, {how}"]
        part = rows[f"of it, opening to append, {how}"]
        assert 0 < part["value"] < whole["value"] and whole["peer"] == "reading the files", (whole, part)
    assert rows["recovery of 1 M messages, in the page cache"]["budget"] == 1
    calls = rows["allocations while appending"]
    assert calls["value"] is not None or calls["note"] == "not counted under a sanitizer", calls
    assert rows["growth of resident memory over all runs"]["unit"] == "MiB"
    for name in ("placement before, after", "turns disturbed by others, all turns", "file system"):
        assert rows[name]["note"] and rows[name]["value"] is None, rows[name]


def check_run(folder):
    result = run(folder, "--short", "--dir", folder)
    assert result.returncode == 0, f"exit {result.returncode}\n{result.stdout[-3000:]}{result.stderr[-3000:]}"
    with open(os.path.join(folder, "out/bench/journal.json"), encoding="utf-8") as file:
        rows = {row["name"]: row for row in json.load(file)}
    check_pairs(rows)
    check_peers(rows)
    check_rest(rows)
    assert os.listdir(folder) == ["out"], os.listdir(folder)
    assert servers_of(folder) == [], servers_of(folder)
    for row in rows.values():
        assert row["name"] in result.stdout, row


def check_interrupted(folder):
    """Told to end in the middle, it takes its files and its servers with it."""
    with subprocess.Popen([BENCH, "--short", "--dir", folder], cwd=folder, stdout=subprocess.DEVNULL) as bench:
        deadline = time.monotonic() + 120
        while not servers_of(folder) and bench.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        had_servers = bool(servers_of(folder))
        bench.send_signal(signal.SIGTERM)
        status = bench.wait(timeout=60)
    assert status == 128 + signal.SIGTERM or not had_servers, status
    assert servers_of(folder) == [], servers_of(folder)
    left = [name for name in os.listdir(folder) if name != "out"]
    assert left == [], left


def check_usage(folder):
    result = run(folder, "--fast")
    assert result.returncode == 2 and "usage" in result.stderr, result
    result = run(folder, "--short", "--dir", folder, "--only", "nothing")
    assert result.returncode == 1 and "no part 'nothing'" in result.stderr, result
    result = run(folder, "--short", "--dir", folder, "--only", "recovery")
    assert result.returncode == 0 and "recovery of" in result.stdout and "saturated" not in result.stdout, result


def main():
    for check in (check_run, check_interrupted, check_usage):
        with tempfile.TemporaryDirectory() as folder:
            check(folder)
    print("3 passed, 0 failed")


main()
