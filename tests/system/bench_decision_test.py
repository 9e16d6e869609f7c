#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of a decision in its short form: bench_decision_test.py BENCH_DECISION.

It shows that the benchmark runs and what it promises to report, not how fast anything is: the program itself fails
when a verdict or an order is another than the one worked out by hand.

Covers: the programs of bench/ that belong to bench_decision
"""
import json
import os
import subprocess
import sys
import tempfile

BENCH = os.path.abspath(sys.argv[1])
KINDS = ["agent, two conflicts", "agent, all agree", "strategy, two conflicts", "strategy, all agree"]
BUDGETS = {"p50": 500, "p99": 2000, "p99.9": None}
PARTS = {"consensus, published": None, "two conflicts, rules": None, "risk, all checks": 60, "order from a verdict": None}


def main():
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run([BENCH, "--short"], capture_output=True, text=True, check=False, cwd=folder)
        assert result.returncode == 0, f"exit {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-2000:]}"
        with open(os.path.join(folder, "out/bench/decision.json"), encoding="utf-8") as file:
            rows = {row["name"]: row for row in json.load(file)}
    for kind in KINDS + [f"{kind}, cold" for kind in KINDS]:
        values = []
        for name, budget in BUDGETS.items():
            row = rows[f"{kind}, {name}"]
            assert row["value"] > 0 and row["peer"] == "copy and call" and row["peer_value"] > 0, row
            assert row["budget"] == budget, row
            values.append(row["value"])
        assert values == sorted(values), (kind, values)
    for name, budget in PARTS.items():
        row = rows[f"  part: {name}"]
        assert row["value"] > 0 and row["budget"] == budget, row
    tick = rows["  of it the tick, up to the call"]
    assert 0 < tick["value"] and "12 messages" in tick["note"], tick
    wrong = subprocess.run([BENCH, "--fast"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "usage" in wrong.stderr, wrong
    print("1 passed, 0 failed")


main()
