#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and runs all tests; the last line is `N passed, N failed`.

Three builds, each with the tests that tell most in it:
  build-asan   address and undefined-behaviour sanitizers: unit, prop, scenario, fuzz, threads
  build-tsan   thread sanitizer: the suite threads (what runs on several threads)
  build-fault  release, with fault points: everything else (suites of whole programs, headers)
A test program of cmocka counts with its cases, any other test as one. Exit status 1 if one failed.

Usage: tools/test.py [asan] [tsan] [release]   (default: all three)
"""
import json
import os
import re
import subprocess
import sys

SANITIZER = ["-Doptimization=1", "-Ddebug=true", "-Db_lundef=false", "-Dwerror=false",
             "-Dc_args=-fno-sanitize-recover=all"]
CHECKED_SUITES = ["unit", "prop", "scenario", "fuzz", "threads"]


class Build:
    """One build folder, its options, and which suites run in it."""

    def __init__(self, name, folder, options, suites, left_out=()):
        self.name = name
        self.folder = folder
        self.options = options
        self.suites = suites
        self.left_out = left_out


BUILDS = [
    Build("asan", "build-asan", SANITIZER + ["-Db_sanitize=address,undefined"], CHECKED_SUITES),
    Build("tsan", "build-tsan", SANITIZER + ["-Db_sanitize=thread"], ["threads"]),
    Build("release", "build-fault", ["--buildtype=release", "-Dfault_points=true"], [],
          CHECKED_SUITES),
]

ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}

PASSED = re.compile(r"^\[  PASSED  \] (\d+) test\(s\)\.", re.M)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) test\(s\), listed below", re.M)
SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) test\(s\), listed below", re.M)


def count_entry(entry):
    """Passed, failed and skipped cases of one line of meson's testlog.json."""
    text = (entry.get("stdout") or "") + "\n" + (entry.get("stderr") or "")
    passed = sum(int(n) for n in PASSED.findall(text))
    failed = sum(int(n) for n in FAILED.findall(text))
    skipped = sum(int(n) for n in SKIPPED.findall(text))
    result = entry["result"]
    if result == "SKIP":
        return 0, 0, max(skipped, 1)
    if result in ("OK", "EXPECTEDFAIL"):
        return (passed, failed, skipped) if passed + failed + skipped else (1, 0, 0)
    # A program that crashed, hung or was killed has failed, however many cases passed before.
    return passed, max(failed, 1), skipped


def count_log(path):
    """Totals of one testlog.json."""
    totals = [0, 0, 0]
    with open(path, encoding="utf-8") as log:
        for line in log:
            if line.strip():
                totals = [a + b for a, b in zip(totals, count_entry(json.loads(line)))]
    return tuple(totals)


def set_up(build):
    """Configures the folder once; later runs only rebuild what changed."""
    if os.path.exists(os.path.join(build.folder, "build.ninja")):
        return True
    command = ["meson", "setup", build.folder] + build.options
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        print(result.stdout)
    return result.returncode == 0


def selects(listed, suites, left_out):
    """Whether a test with the suites `listed` belongs to a selection."""
    names = {suite.split(":")[-1] for suite in listed}
    return (not suites or bool(names & set(suites))) and not names & set(left_out)


def list_tests(build):
    """The tests that belong to the build, as meson introspects them."""
    command = ["meson", "introspect", "--tests", build.folder]
    text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [t for t in json.loads(text) if selects(t["suite"], build.suites, build.left_out)]


def run_build(build):
    """Builds and runs the tests of a build; returns passed, failed, skipped."""
    print(f"== {build.name}: build", flush=True)
    if not set_up(build):
        return 0, 1, 0
    tests = list_tests(build)
    if not tests:
        print(f"== {build.name}: no tests")
        return 0, 0, 0
    log = os.path.join(build.folder, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    command = ["meson", "test", "-C", build.folder, "--print-errorlogs"]
    for suite in build.suites:
        command += ["--suite", suite]
    for suite in build.left_out:
        command += ["--no-suite", suite]
    status = subprocess.run(command, env={**ENVIRONMENT, **os.environ}).returncode
    if not os.path.exists(log):
        return 0, 1, 0
    passed, failed, skipped = count_log(log)
    # Meson's own word counts too: a test that failed must never be lost in the counting.
    return passed, max(failed, 1) if status != 0 else failed, skipped


def main(names):
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    totals = [0, 0, 0]
    known = [build.name for build in BUILDS]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"test: no build '{unknown[0]}'; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for build in (b for b in BUILDS if not names or b.name in names):
        counts = run_build(build)
        print(f"== {build.name}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped",
              flush=True)
        totals = [a + b for a, b in zip(totals, counts)]
    if totals[2]:
        print(f"{totals[2]} skipped")
    print(f"{totals[0]} passed, {totals[1]} failed", flush=True)
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
