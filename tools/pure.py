#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves that the core is pure: the archives of base to engine of a release build need nothing from
outside but the functions named here. So no clock, thread, file or allocation can hide in them.

Usage: tools/pure.py [BUILD]   (default: build)
"""
import os
import subprocess
import sys

import tree

PURE_MODULES = ["base", "model", "sm", "bus", "market", "strategy", "risk", "trade", "coord", "portfolio",
                "engine"]

# What the compiler itself may call: wide integers, the table of positions, the stack check.
COMPILER = {"__divti3", "__modti3", "__udivti3", "__umodti3", "__udivmodti4", "__divmodti4",
            "__multi3", "__muloti4", "__mulodi4", "__popcountdi2", "__cpu_model", "_GLOBAL_OFFSET_TABLE_",
            "__stack_chk_fail"}
# Functions of memory and text alone: their result depends on their arguments.
TEXT = {"memchr", "memcmp", "memcpy", "memmove", "memset", "strchr", "strcmp", "strlen", "strncmp",
        "strnlen", "strstr"}
# Beyond that, by module, each with its reason.
EXTRA = {
    "base": {
        "abort": "a broken invariant ends the process",
        "fprintf": "and says which",
        "stderr": "there",
        "mmap": "the arena takes its one block at setup",
        "mmap64": "likewise, under its name for large files",
        "munmap": "and gives it back",
        "madvise": "and may ask for large pages of it, which changes no result",
        "snprintf": "text of bounded length, from arguments alone",
        "vsnprintf": "likewise",
    },
    "model": {"vsnprintf": "texts of payload fields, of bounded length"},
}
OWN = ("tt_", "tutti_")


def symbols_of(archive, option):
    """Names that nm lists for an archive with an option such as -u (undefined)."""
    command = ["nm", option, "--format=posix", archive]
    text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return {line.split()[0] for line in text.splitlines() if len(line.split()) >= 2}


def judge(module, undefined, defined_below):
    """Findings of a module: symbols that it may not need."""
    findings = []
    for symbol in sorted(undefined - defined_below - COMPILER - TEXT):
        if symbol in EXTRA.get(module, {}):
            continue
        if symbol.startswith(OWN):
            reason = "is defined neither in it nor below it"
        else:
            reason = "is not pure; what needs it belongs above engine, or in base with a reason"
        findings.append(f"libtt_{module}.a: {symbol} {reason}")
    return findings


def stale(needed):
    """Allowed extras that nothing needs; names that a compiler chooses between are spared."""
    choices = {"mmap", "mmap64"}
    findings = []
    for module, extras in EXTRA.items():
        if module in needed:
            for symbol in sorted(set(extras) - needed[module] - choices):
                findings.append(f"tools/pure.py: {module} no longer needs {symbol}; take it off")
    return findings


def check_build(build):
    """Findings of all pure modules of a build."""
    findings = []
    defined = set()
    needed = {}
    for module in PURE_MODULES:
        archive = os.path.join(build, "src", f"libtt_{module}.a")
        if not os.path.exists(archive):
            findings.append(f"{archive}: not there; build it first (make build)")
            continue
        needed[module] = symbols_of(archive, "--undefined-only")
        defined |= symbols_of(archive, "--defined-only")
        findings += judge(module, needed[module], defined)
    return findings + stale(needed)


def main(arguments):
    findings = check_build(arguments[0] if arguments else "build")
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    tree.enter_root()
    sys.exit(main(sys.argv[1:]))
