#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures peers from other registries beside Tutti, in turns: `make bench BENCH=peers`.

Not part of `make bench`: it fetches the LMAX Disruptor from Maven Central and NautilusTrader from PyPI into build/peers. What
cannot be fetched or run here is left out with a line that says so. Writes out/bench/peers.json.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.abspath("build/peers")
DISRUPTOR = "4.0.0"
NAUTILUS = "1.221.0"
ROUNDS = 3
FETCH_S = 600
RUN_S = 120


def run(words, limit, **options):
    """Output of a command, or None when it is missing, fails or takes too long."""
    try:
        result = subprocess.run(words, capture_output=True, text=True, timeout=limit, check=False, **options)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout if result.returncode == 0 else None


def fetch_disruptor():
    """Command that runs the driver, or None."""
    jar = os.path.join(FOLDER, f"disruptor-{DISRUPTOR}.jar")
    if not shutil.which("java") or not shutil.which("javac"):
        return None
    if not os.path.exists(jar):
        run(["mvn", "-q", "dependency:copy", f"-Dartifact=com.lmax:disruptor:{DISRUPTOR}",
             f"-DoutputDirectory={FOLDER}"], FETCH_S)
    if run(["javac", "-cp", jar, "-d", FOLDER, os.path.join(HERE, "HandOff.java")], RUN_S) is None:
        return None
    return ["java", "-cp", f"{jar}:{FOLDER}", "HandOff"]


def fetch_nautilus():
    """Command that runs the driver, or None."""
    python = os.path.join(FOLDER, "venv", "bin", "python")
    if not os.path.exists(python):
        run([sys.executable, "-m", "venv", os.path.dirname(os.path.dirname(python))], FETCH_S)
    if run([python, "-m", "pip", "install", "-q", f"nautilus_trader=={NAUTILUS}"], FETCH_S) is None:
        return None
    return [python, os.path.join(HERE, "nautilus.py")]


def read_disruptor(text):
    values = {}
    for line in text.splitlines():
        size, p50, p99, rate = line.split()
        values.update({f"{size} B round trip p50": float(p50), f"{size} B round trip p99": float(p99),
                       f"{size} B throughput": float(rate)})
    return values


def read_nautilus(text):
    return {f"publish, {topics} topic{'' if topics == '1' else 's'}": float(ns)
            for topics, ns in (line.split() for line in text.splitlines())}


def measure_tutti():
    """Rows of the bus benchmark that stand beside the peers."""
    folder = os.path.join(FOLDER, "tutti")
    os.makedirs(folder, exist_ok=True)
    if run([os.path.abspath("build/bench/bench_bus"), "--short", "core", "handoff"], RUN_S, cwd=folder) is None:
        sys.exit("peers: build/bench/bench_bus failed")
    with open(os.path.join(folder, "out/bench/bus.json"), encoding="utf-8") as file:
        rows = {row["name"]: row["value"] for row in json.load(file)}
    values = {}
    for size in (64, 256):
        for field, name in (("p50", "round trip p50"), ("p99", "round trip p99"), ("throughput", "throughput")):
            values[f"{size} B {name}"] = rows[f"1x1 {size} B tt_ring, {field}"]
    values["publish, 1 topic"] = rows["publish 64 B, full, 1 topic, 1 handler, 1 a step"]
    values["publish, 1024 topics"] = rows["publish 64 B, full, 1024 topics, 1 handler, 1 a step"]
    return values


def measure(peers):
    """Rounds of (Tutti, values of each peer)."""
    rounds = []
    for _ in range(ROUNDS):
        values = {}
        for name, command, read in peers:
            text = run(command, RUN_S)
            if text is None:
                print(f"{name}: a run failed or took more than {RUN_S} s; it does not count")
            else:
                values[name] = read(text)
        rounds.append((measure_tutti(), values))
    return rounds


def rows_of(rounds, peer):
    """Medians over the rounds, and the median of the ratios, Tutti to the peer."""
    kept = [(tutti, values[peer]) for tutti, values in rounds if peer in values]
    rows = []
    for name in kept[0][1] if kept else []:
        own = [tutti[name] for tutti, _ in kept]
        theirs = [values[name] for _, values in kept]
        ratio = statistics.median(a / b for a, b in zip(own, theirs))
        rows.append({"peer": peer, "name": name, "unit": "M/s" if "throughput" in name else "ns",
                     "tutti": statistics.median(own), "value": statistics.median(theirs), "ratio": ratio})
    return rows


def main():
    os.makedirs(FOLDER, exist_ok=True)
    peers = []
    for name, fetch, read in ((f"LMAX Disruptor {DISRUPTOR}", fetch_disruptor, read_disruptor),
                              (f"NautilusTrader {NAUTILUS}, Python", fetch_nautilus, read_nautilus)):
        command = fetch()
        if command is None:
            print(f"{name}: skipped, it cannot be fetched or run here")
        else:
            peers.append((name, command, read))
    rounds = measure(peers) if peers else []
    rows = [row for name, _, _ in peers for row in rows_of(rounds, name)]
    for row in rows:
        print(f"{row['peer']:34} {row['name']:24} {row['value']:10.1f} {row['unit']:4} Tutti {row['tutti']:10.1f}"
              f"  {row['ratio']:6.2f} x")
    os.makedirs("out/bench", exist_ok=True)
    with open("out/bench/peers.json", "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=2)
    print("-> out/bench/peers.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
