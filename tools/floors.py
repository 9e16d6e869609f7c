#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks who includes whom in src/: only what stands on a lower floor, or in the module itself.

Modules of one floor do not include each other. A header named *_priv.h is for its own module alone.
Every folder of src/ stands on a floor, and ARCHITECTURE.md shows the same floors.

Usage: tools/floors.py [--edges]   (--edges lists the edges there are)
"""
import os
import re
import sys

import tree

FLOORS = [
    ["base"],
    ["model", "sm"],
    ["bus"],
    ["market"],
    ["strategy", "risk", "trade", "coord", "portfolio"],
    ["engine"],
    ["journal", "mailbox", "feed", "agent", "venue", "net"],
    ["llm"],
    ["config", "store", "report", "lib"],
    ["api"],
    ["host"],
    ["scenario"],
    ["cli"],
]
FLOOR_OF = {module: number for number, floor in enumerate(FLOORS) for module in floor}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
FLOOR_ROW = re.compile(r"^\| \d+ \| ((?:`\w+`(?:, )?)+) \|", re.M)


def module_of(path):
    """Module of a path such as src/bus/bus.c, or of an include such as bus/bus.h."""
    parts = path.split("/")
    return parts[1] if parts[0] == "src" else parts[0]


def includes_of(text):
    """(line, target) of each quoted include."""
    code = tree.strip_c(text, keep_strings=True)
    return [(code.count("\n", 0, m.start()) + 1, m.group(1)) for m in INCLUDE.finditer(code)]


def check_include(path, target):
    """Why `path` may not include `target`, or None."""
    own = module_of(path)
    if "/" not in target:
        return f'"{target}": write the include from src/, as "{own}/{target}"'
    other = module_of(target)
    if other == own:
        return None
    if other not in FLOOR_OF:
        return f'"{target}": {other} is no module'
    if target.endswith("_priv.h"):
        return f'"{target}" is inside of {other}'
    if FLOOR_OF[other] > FLOOR_OF[own]:
        return f'"{target}": {other} stands above {own}'
    if FLOOR_OF[other] == FLOOR_OF[own]:
        return f'"{target}": {other} stands beside {own}; they meet as messages or on a floor above'
    return None


def check_file(path, text):
    """Findings of one file of src/."""
    if module_of(path) not in FLOOR_OF:
        return [f"{path}:1: its folder stands on no floor (tools/floors.py)"]
    findings = []
    for line, target in includes_of(text):
        reason = check_include(path, target)
        if reason:
            findings.append(f"{path}:{line}: {reason}")
    return findings


def check_document(text):
    """Whether the table in ARCHITECTURE.md shows the floors of this file."""
    shown = [re.findall(r"`(\w+)`", row) for row in FLOOR_ROW.findall(text)]
    if [sorted(floor) for floor in shown] == [sorted(floor) for floor in FLOORS]:
        return []
    wanted = "; ".join(", ".join(floor) for floor in FLOORS)
    return [f"ARCHITECTURE.md:1: the table of floors must show, from below: {wanted}"]


def print_edges(paths):
    edges = set()
    for path in paths:
        for _, target in includes_of(tree.read(path)):
            edges.add((FLOOR_OF.get(module_of(path), -1), module_of(path), module_of(target)))
    for _, own, other in sorted(edges):
        if own != other:
            print(f"{own} -> {other}")


def main(arguments):
    paths = [path for path in tree.files("src") if path.endswith((".c", ".h"))]
    if arguments == ["--edges"]:
        print_edges(paths)
        return 0
    findings = [finding for path in paths for finding in check_file(path, tree.read(path))]
    if os.path.exists("ARCHITECTURE.md"):
        findings += check_document(tree.read("ARCHITECTURE.md"))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    tree.enter_root()
    sys.exit(main(sys.argv[1:]))
