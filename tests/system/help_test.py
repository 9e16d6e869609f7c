#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the program says about itself: help_test.py TUTTI SOURCE.

Every command of the overview stands in one group, has a page that explains each option of its usage once and no other,
and stands in the manual. A command mistyped is answered with the one that was meant.
"""
import os
import re
import subprocess
import sys

TUTTI, SOURCE = sys.argv[1], os.path.abspath(sys.argv[2])
GROUPS = ["Run", "Look at a running session", "Steer a running session", "Check, explain and replay what was recorded",
          "Set up"]
# They have commands of their own, each with a page.
WITH_COMMANDS = {"journal": ["dump", "tail", "stats", "verify", "repair"]}


def run(*words, status=0):
    result = subprocess.run([TUTTI, *words], capture_output=True, text=True, check=False)
    assert result.returncode == status, f"{words}: exit {result.returncode}\n{result.stderr}"
    return result


def overview():
    """Commands of the overview, by group."""
    text = run("--help").stdout
    assert text == run(status=2).stderr, "without words: the same on standard error"
    found = {}
    for line in text.splitlines():
        if line in GROUPS:
            found[line] = []
        elif match := re.match(r"  ([a-z-]+) +([a-z].*)", line):
            if found and match[1] != "tutti":
                assert line.index(match[2]) == 19, f"not aligned: {line}"
                found[list(found)[-1]].append((match[1], match[2]))
    assert list(found) == GROUPS, list(found)
    return found


def check_page(words, summary):
    page = run(*words, "--help").stdout
    head, _, rest = page.partition("usage: tutti ")
    usage, _, options = rest.partition("\n\n")
    assert head == f"tutti {words[0]}: {summary}\n\n", page
    assert usage.startswith(" ".join(words)), page
    named = set(re.findall(r"--[a-z-]+", usage))
    told = re.findall(r"^  (--[a-z-]+).*? {2,}\S", options, re.M)
    assert sorted(named) == sorted(told), f"{words}: usage {sorted(named)}, explained {sorted(told)}"


def check_mistyped():
    for typed, meant in [("statsu", "status"), ("pouse", "pause"), ("backtests", "backtest"), ("journals", "journal")]:
        said = run(typed, status=2).stderr
        assert said == (f"tutti: there is no command '{typed}'; did you mean '{meant}'?\n"
                        "`tutti --help` lists all commands.\n"), said
    for typed in ["frobnicate", "x" * 33, ""]:
        assert "did you mean" not in run(typed, status=2).stderr, typed


def main():
    with open(os.path.join(SOURCE, "docs/man/tutti.1"), encoding="utf-8") as file:
        manual = file.read().replace("\\-", "-")
    names = []
    for rows in overview().values():
        for name, summary in rows:
            names.append(name)
            assert re.search(rf"^\.(B|BI|BR) .*\b{name}\b", manual, re.M), f"{name} is not in the manual"
            if name in WITH_COMMANDS:
                for word in WITH_COMMANDS[name]:
                    check_page([name, word], summary)
            else:
                check_page([name] if name not in ("store",) else [name, "rebuild"], summary)
    assert len(names) == len(set(names)), "a command stands in two groups"
    check_mistyped()


main()
