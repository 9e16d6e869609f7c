#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of the bus in its short form: bench_bus_test.py BENCH_BUS.

It shows that the benchmark runs and what it promises to report, not how fast anything is: the program itself fails
when a message is lost, changed, overtaken or counted wrongly.

Covers: the programs of bench/ that belong to bench_bus
"""
import json
import os
import subprocess
import sys
import tempfile

BENCH = os.path.abspath(sys.argv[1])
FIELDS = ["p50", "p99", "p99.9", "throughput"]
RINGS = ["tt_ring", "tt_mpsc"]
OURS = RINGS + ["Tutti inbox, core, mailbox"]


def rows_of_a_run():
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run([BENCH, "--short"], capture_output=True, text=True, check=False, cwd=folder)
        assert result.returncode == 0, f"exit {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-2000:]}"
        with open(os.path.join(folder, "out/bench/bus.json"), encoding="utf-8") as file:
            rows = json.load(file)
    return {row["name"]: row for row in rows}, result.stdout


def check_handoff(rows, text):
    if "hand-off: skipped" in text:
        return
    for shape in ("1x1 64 B", "1x1 256 B", "2x1 64 B", "2x1 256 B"):
        for carrier in ["raw ring"] + OURS:
            for field in FIELDS:
                row = rows[f"{shape} {carrier}, {field}"]
                assert row["value"] > 0 or field == "p99.9", row
                if field != "p99.9":  # A short run has too few samples for it.
                    assert (row["peer"] is None) == (carrier == "raw ring"), row
                has_budget = carrier in RINGS and field in ("p50", "throughput")
                assert (row["budget"] is not None) == has_budget, row
    assert "placement of the runs:" in text


def check_core(rows):
    for size, budgets in (("64", (14, 50)), ("256", (None, 75))):
        for name, budget in (("bare, 1 topic, 1 handler, 16 a step", budgets[0]),
                             ("full, 1 topic, 1 handler, 16 a step", budgets[1]),
                             ("full, 1024 topics, 1 handler, 16 a step", budgets[1]),
                             ("full, 1024 topics, 10 handlers, 16 a step", None)):
            row = rows[f"publish {size} B, {name}"]
            assert row["value"] > 0 and row["peer"] == "copy and call" and row["budget"] == budget, row


def check_lanes(rows, text):
    if "flood: skipped" not in text:
        values = [rows[f"cancel in a flood, to the venue edge, {name}"] for name in ("p50", "p99", "p99.9", "max")]
        assert all(row["value"] > 0 and row["peer"] for row in values), values
        assert values == sorted(values, key=lambda row: row["value"]), values


def check_memory(rows):
    for millions in (1, 10, 50, 100):
        assert rows[f"resident after {millions} M messages, 10000 keys"]["value"] > 1
    allocations = rows.get("allocations after the start")  # Not counted under a sanitizer.
    assert allocations is None or allocations["value"] == 0, allocations


def check_quoted(rows):
    quoted = [row for name, row in rows.items() if name.startswith("quoted: ")]
    assert len(quoted) >= 6 and all(row["ratio"] is None and row["budget"] is None for row in quoted), quoted


def check_usage():
    result = subprocess.run([BENCH, "--fast"], capture_output=True, text=True, check=False)
    assert result.returncode == 2 and "usage" in result.stderr, result


def main():
    rows, text = rows_of_a_run()
    check_core(rows)
    check_handoff(rows, text)
    check_lanes(rows, text)
    check_memory(rows)
    check_quoted(rows)
    check_usage()
    print("1 passed, 0 failed")


main()
