#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles each header alone, and twice in one file: it must bring what it needs, and be guarded.

Usage: tools/headers.py [COMPILER]   (default: cc)
"""
import concurrent.futures
import os
import subprocess
import sys

import tree

FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-Iinclude", "-Isrc", "-Wall", "-Wextra", "-Werror",
         "-fsyntax-only", "-x", "c", "-"]


def include_lines(path):
    """Two includes of a header, as its users write them."""
    name = path.split("/", 1)[1]
    line = f"#include <{name}>\n" if path.startswith("include/") else f'#include "{name}"\n'
    return line * 2


def compile_alone(compiler, path):
    """What the compiler says about a header; empty when it is fine."""
    result = subprocess.run(compiler.split() + FLAGS, input=include_lines(path), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return result.stdout if result.returncode != 0 else ""


def main(arguments):
    compiler = " ".join(arguments) or "cc"
    headers = [path for path in tree.files("include", "src") if path.endswith(".h")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = list(pool.map(lambda path: compile_alone(compiler, path), headers))
    broken = [(path, text) for path, text in zip(headers, complaints) if text]
    for path, text in broken:
        print(f"{path} does not compile alone:\n{text}")
    # In the words of cmocka, so that tools/test.py counts each header.
    print(f"[  PASSED  ] {len(headers) - len(broken)} test(s).")
    if broken:
        print(f"[  FAILED  ] {len(broken)} test(s), listed below:")
    return 1 if broken or not headers else 0


if __name__ == "__main__":
    tree.enter_root()
    sys.exit(main(sys.argv[1:]))
