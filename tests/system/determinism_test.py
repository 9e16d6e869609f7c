#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The deterministic contract (docs/spec/determinism.md) across builds: determinism_test.py TUTTI SOURCE.

The program that is given, and builds of the same source by gcc without optimisation, by clang for this very machine
(-O2 -march=native: fused multiply-add and wide vectors, if it has them) and with the address, undefined-behaviour and
thread sanitizers, run the same backtests and scenarios. Every byte that they keep must be the same: journals, reports,
transcripts; and each must replay the journals of the others.

Builds of the test suites are used again where they are; the others stand below the build folder of TUTTI, and a second
run only compiles what has changed. Skipped (77) without clang, when all else is right.
"""
import glob
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

AGENTS = """\
run: {id: d, name: determinism, seed: 11}
feed: {kind: csv_bars, path: %s}
instruments:
  - {symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001}
journal: {segment_mib: 1}
agents: {sentiment: {path: %s, max_age: 86400}}
"""
WILD = """\
run: {id: w, name: wild, seed: 3}
feed: {kind: csv_bars, path: %s}
instruments:
  - {symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.0000001}
"""
TICKS = """\
run: {id: t, name: ticks, seed: 5}
feed: {kind: synthetic}
synthetic: {ticks: 15000, tick_interval: 1, regime_min: 300, regime_max: 900}
market: {aggregate_bars: true}
ma_cross: {enabled: true, fast: 2, slow: 4}
instruments:
  - {symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.0001, bar_interval_s: 60}
  - {symbol: ETH/USDT, price_increment: 0.05, qty_increment: 0.001, bar_interval_s: 60}
"""
START = 1704067200
BARS = 4000
WILD_BARS = 1500
WHAT_IF = "risk.min_reward_risk=1.9"


def bars():
    """A walk of integers: no floating point decides what the engine sees."""
    rows = ["timestamp,open,high,low,close,volume\n"]
    state, price = 12345, 100000
    for i in range(BARS):
        drift = 1 if i // 300 % 2 else -1
        steps = []
        for _ in range(3):
            state = (state * 1103515245 + 12345) % 2 ** 31
            steps.append((state >> 16) % 61 - 30 + drift * 4)
        path = [price, price + steps[0], price + steps[0] + steps[1], price + sum(steps)]
        price = max(path[3], 20000)
        texts = [f"{value / 2:.1f}" for value in (path[0], max(path + [price]), min(path + [price]), price)]
        rows.append(f"{START + 60 * (i + 1)},{','.join(texts)},{1 + state % 50}\n")
    return "".join(rows)


def wild_bars():
    """Prices near their bound that jump by multiples: every last bit of a double shows in nine digits, so that a fused
    multiply-add or another order of operations anywhere in the indicators does, too."""
    rows = ["timestamp,open,high,low,close,volume\n"]
    state, close = 99, 5 * 10 ** 8
    for i in range(WILD_BARS):
        state = (state * 1103515245 + 12345) % 2 ** 31
        first, close = close, 10 ** 8 + (state >> 7) % (8 * 10 ** 8)
        rows.append(f"{START + 60 * (i + 1)},{first},{max(first, close)},{min(first, close)},{close},{1 + state % 977}\n")
    return "".join(rows)


def sentiment(source):
    """The example's file, moved to the time of the bars."""
    with open(os.path.join(source, "examples/btc_sentiment_202201.csv"), encoding="utf-8") as file:
        return file.read().replace("2022-01", "2024-01")


class Build:
    """One way to make the program; `reuse` is a build folder of the source tree that may be there already."""

    def __init__(self, name, options, compiler=None, reuse=None):
        self.name, self.options, self.compiler, self.reuse = name, options, compiler, reuse
        self.program = None

    def make(self, source, folder):
        place = os.path.join(source, self.reuse) if self.reuse else ""
        if not self.reuse or not os.path.exists(os.path.join(place, "build.ninja")):
            place = os.path.join(folder, self.name)
        if not os.path.exists(os.path.join(place, "build.ninja")):
            environment = dict(os.environ, **({"CC": self.compiler} if self.compiler else {}))
            subprocess.run(["meson", "setup", place, source, "-Dwerror=false", *self.options], check=True,
                           stdout=subprocess.DEVNULL, env=environment)
        built = subprocess.run(["ninja", "-C", place, "tutti"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, check=False)
        if built.returncode != 0:
            sys.exit(f"FAILED {self.name}: it does not build\n{built.stdout[-3000:]}")
        self.program = os.path.join(place, "tutti")


SANITIZER = ["-Doptimization=1", "-Ddebug=true", "-Db_lundef=false", "-Dc_args=-fno-sanitize-recover=all"]
BUILDS = [
    Build("gcc-O0", ["-Doptimization=0", "-Ddebug=true"]),
    Build("clang-O2-native", ["-Doptimization=2", "-Ddebug=false", "-Dc_args=-march=native"], compiler="clang"),
    Build("asan", SANITIZER + ["-Db_sanitize=address,undefined"], reuse="build-asan"),
    Build("tsan", SANITIZER + ["-Db_sanitize=thread"], reuse="build-tsan"),
]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def run(program, *words):
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", TSAN_OPTIONS="halt_on_error=1")
    result = subprocess.run([program, *words], capture_output=True, check=False, env=environment)
    if result.returncode != 0:
        sys.exit(f"FAILED {program} {words}: exit {result.returncode}\n{result.stderr.decode()[-2000:]}")
    return result.stdout


def files_below(folder):
    """Names and digests of what a run keeps; the lock names a process."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            if name != "lock":
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = sha256(file.read())
    return found


def results(program, configs, scenarios, folder):
    """Everything that must be the same: name -> digest."""
    found = {}
    for name, config in configs.items():
        out = os.path.join(folder, name)
        run(program, "backtest", config, "--out", out, "--quiet")
        found |= {f"{name}/{path}": digest for path, digest in files_below(out).items()}
        found[f"{name} dump"] = sha256(run(program, "journal", "dump", out))
        found[f"{name} what-if"] = sha256(run(program, "replay", os.path.join(out, "journal"), "--set", WHAT_IF, "--json"))
    for path in scenarios:
        found[f"scenario {path}"] = sha256(run(program, "scenario", path))
    return found


def first_difference(name, programs, folders):
    """Names the first message that differs between two journals, for whoever looks into it."""
    dumps = [run(program, "journal", "dump", os.path.join(folder, name)).decode().splitlines()
             for program, folder in zip(programs, folders)]
    for one, other in zip(*dumps):
        if one != other:
            return f"  {one}\n  {other}"
    return f"  {len(dumps[0])} and {len(dumps[1])} messages"


def check_strength(program, folder):
    """The backtests must be worth comparing: floating point, agents, conflicts, orders, several segments."""
    with open(os.path.join(folder, "agents", "report.json"), encoding="utf-8") as file:
        report = json.load(file)
    topics = json.loads(run(program, "journal", "stats", os.path.join(folder, "agents"), "--json"))["topics"]
    wanted = {"indicators", "ta_signals", "regime_updates", "sentiment_updates", "trading_signals", "consensus", "fills"}
    assert wanted <= topics.keys(), f"the backtest lacks {wanted - topics.keys()}"
    assert report["closed_trades"] >= 5 and topics["indicators"]["messages"] > 3000, report


def main():
    tutti, source = (os.path.abspath(path) for path in sys.argv[1:3])
    has_clang = shutil.which("clang") is not None
    builds = [build for build in BUILDS if build.compiler is None or has_clang]
    started = time.monotonic()
    for build in builds:
        build.make(source, os.path.join(os.path.dirname(tutti), "determinism"))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"built in {time.monotonic() - started:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor", flush=True)
    failed = 0
    # Scenarios stand in folders; what lies beside these are configurations that they share.
    scenarios = sorted(glob.glob(os.path.join(source, "tests/scenario/*/*.yaml")))
    with tempfile.TemporaryDirectory(prefix="tutti-determinism-") as folder:
        data, wild, words = (os.path.join(folder, name) for name in ("bars.csv", "wild.csv", "sentiment.csv"))
        for path, text in [(data, bars()), (wild, wild_bars()), (words, sentiment(source)),
                           (os.path.join(folder, "wild.yaml"), WILD % wild),
                           (os.path.join(folder, "agents.yaml"), AGENTS % (data, words)),
                           (os.path.join(folder, "ticks.yaml"), TICKS)]:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        configs = {name: os.path.join(folder, name + ".yaml") for name in ("agents", "wild", "ticks")}
        mine = os.path.join(folder, "mine")
        expected = results(tutti, configs, scenarios, mine)
        check_strength(tutti, mine)
        for build in builds:
            theirs = os.path.join(folder, build.name)
            found = results(build.program, configs, scenarios, theirs)
            different = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
            if different:
                failed += 1
                print(f"FAILED {build.name}: {len(different)} results differ: {different[:6]}")
                for name in {name.split("/")[0] for name in different if "/journal/" in name}:
                    print(first_difference(name, (tutti, build.program), (mine, theirs)))
                continue
            for name in configs:
                run(build.program, "verify", os.path.join(mine, name))
                run(tutti, "verify", os.path.join(theirs, name))
            print(f"{build.name}: {len(found)} results are the same", flush=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{len(builds)} builds, {failed} failed, {used.ru_utime + used.ru_stime:.0f} s of processor")
    if failed == 0 and not has_clang:
        print("skipped clang: it is not installed")
        return 77
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
