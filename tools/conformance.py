#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks docs/conformance.md: each row has an id of its own and names tests that exist.

A test is written `folder/file:case` (tests/folder/file.c or .py, tests/unit/folder/file.c, or below
tools/), `scenario/path.yaml`, or `bench/name`. A case is a function of a test of cmocka that is named in its list, a method `test_...` of a
Python test, or a row of words after `def`.

Usage: tools/conformance.py [FILE]   (default: docs/conformance.md)
"""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
ROW = re.compile(r"^\| ([A-Z][\w.\-/]*) \| (.+) \| (.+) \|$")
REFERENCE = re.compile(r"`([^`]+)`")


def candidates(name):
    """Where a test file of that name may stand."""
    folders = ["tests", "tests/unit", "tests/prop", "tools"]
    endings = [""] if name.endswith((".yaml", ".py", ".c")) else [".c", ".py"]
    return [os.path.join(ROOT, folder, name + ending) for folder in folders for ending in endings]


def has_case(path, case):
    """Whether a file has a test of that name."""
    with open(path, encoding="utf-8") as source:
        text = source.read()
    if path.endswith(".c"):
        is_defined = re.search(rf"^static void {re.escape(case)}\(void \*\*", text, re.M)
        return is_defined is not None and len(re.findall(rf"\b{re.escape(case)}\b", text)) > 1
    return re.search(rf"\bdef {re.escape(case)}\b", text) is not None


def why_missing(reference):
    """Why a reference names no test, or None."""
    if reference.startswith("bench/"):
        path = os.path.join(ROOT, "bench", f"bench_{reference[len('bench/'):]}.c")
        return None if os.path.exists(path) else "no such benchmark"
    name, _, case = reference.partition(":")
    found = [path for path in candidates(name) if os.path.exists(path)]
    if not found:
        return "no such file"
    if case and not any(has_case(path, case) for path in found):
        return "no such case"
    return None


def check_row(row_id, tests):
    """Findings of one row."""
    references = REFERENCE.findall(tests)
    if not references:
        return [f"{row_id}: names no test"]
    missing = [(r, why_missing(r)) for r in references]
    return [f"{row_id}: `{r}`: {why}" for r, why in missing if why]


def check_text(text):
    """(findings, number of rows) of a page."""
    findings, seen = [], set()
    for line in text.splitlines():
        row = ROW.match(line)
        if not row:
            continue
        row_id, _, tests = row.groups()
        if row_id in seen:
            findings.append(f"{row_id}: stands twice")
        seen.add(row_id)
        findings += check_row(row_id, tests)
    return findings, len(seen)


def main(arguments):
    path = arguments[0] if arguments else os.path.join(ROOT, "docs", "conformance.md")
    with open(path, encoding="utf-8") as page:
        findings, rows = check_text(page.read())
    for finding in findings:
        print(f"conformance: {finding}")
    if rows == 0:
        print("conformance: the page has no rows")
        return 1
    if not findings:
        print(f"conformance: {rows} rows, each with its tests")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
