#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All checks of the source: clang-format, clang-tidy, cppcheck, floors, pure, tidy, and the tests
of these tools. Exit status 1 if one of them finds something.

clang-tidy is slow, so what it said about a file is kept in build/lint and used again until the
file, a header or the configuration changes.

Usage: tools/lint.py [STEP...]   (default: all)
"""
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time

import tree

BUILD = "build"
CACHE = os.path.join(BUILD, "lint")
HINTS = os.path.join("tools", "analyzer.h")  # What the analyzer is told of failures...
DEFINES_ERRORS = os.path.join("src", "base", "error.c")  # ...but for where they are defined.


def run(command):
    """(finds nothing, output) of a command."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return result.returncode == 0, result.stdout


def c_files(*folders):
    return [path for path in tree.files(*folders) if path.endswith((".c", ".h"))]


def in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def step_format():
    """Layout by .clang-format, of everything in C."""
    files = c_files("include", "src", "tests", "bench")
    return run(["clang-format", "--dry-run", "-Werror"] + files)


def digest(*texts):
    """One key for the contents that a result depends on."""
    total = hashlib.sha256()
    for text in texts:
        total.update(hashlib.sha256(text.encode()).digest())
    return total.hexdigest()


FINDING = re.compile(r"^(\S+?):(\d+):\d+: (?:warning|error): (.*)$", re.M)


def findings_of(output):
    """Lines `file:line: text` from what clang-tidy prints, each once, with paths from the root."""
    rows = []
    for path, line, text in FINDING.findall(output):
        place = os.path.relpath(os.path.join(BUILD, path), ".") if path.startswith("..") else path
        rows.append(f"{os.path.relpath(place)}:{line}: {text.replace(',-warnings-as-errors', '')}")
    return list(dict.fromkeys(rows))


def tidy_one(path, common):
    """Findings of clang-tidy about one file, from the cache if nothing has changed."""
    kept = os.path.join(CACHE, digest(path, tree.read(path), common) + ".txt")
    if os.path.exists(kept):
        return tree.read(kept).splitlines()
    command = ["clang-tidy", "-p", BUILD, "--quiet",
               "--extra-arg=-Wno-unknown-warning-option"]  # The commands are those of gcc.
    if path != DEFINES_ERRORS:
        command.append("--extra-arg=-include" + os.path.abspath(HINTS))
    command.append(path)
    passed, output = run(command)
    rows = findings_of(output)
    if not passed and not rows:
        return [f"{path}:1: clang-tidy failed: {output.strip()[-400:]}"]
    with open(kept, "w", encoding="utf-8") as file:
        file.write("".join(row + "\n" for row in rows))
    return rows


def compiled_files():
    """Source files of src/ that the build compiles."""
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        commands = json.load(file)
    paths = {os.path.relpath(os.path.join(c["directory"], c["file"])) for c in commands}
    return sorted(path for path in paths if path.startswith("src/"))


def step_clang_tidy():
    """.clang-tidy, over what the build compiles."""
    os.makedirs(CACHE, exist_ok=True)
    _, version = run(["clang-tidy", "--version"])
    headers = [path for path in c_files("include", "src") if path.endswith(".h")]
    common = digest(version, tree.read(".clang-tidy"), tree.read(HINTS), *map(tree.read, headers))
    rows = in_parallel(lambda path: tidy_one(path, common), compiled_files())
    found = list(dict.fromkeys(row for some in rows for row in some))
    return not found, "\n".join(found)


def step_cppcheck():
    """cppcheck, over src/."""
    return run(["cppcheck", "--quiet", "--enable=warning,style,performance,portability",
                "--std=c11", "--inline-suppr", "--error-exitcode=1", f"-j{os.cpu_count()}",
                "--suppressions-list=tools/cppcheck_suppressions.txt", "-Iinclude", "-Isrc",
                "-D__GNUC__=12", "-D__x86_64__=1", "--template={file}:{line}: {id}: {message}",
                "src"])


def step_floors():
    """Who includes whom."""
    return run(["tools/floors.py"])


def step_pure():
    """What the archives of the core need."""
    return run(["tools/pure.py", BUILD])


def step_tidy():
    """House rules."""
    return run(["tools/tidy.py"])


def step_tests():
    """The tools find their bad examples."""
    return run([sys.executable, "-m", "unittest", "discover", "-s", "tools/tests"])


STEPS = {"format": step_format, "floors": step_floors, "pure": step_pure, "tidy": step_tidy,
         "tests": step_tests, "cppcheck": step_cppcheck, "clang-tidy": step_clang_tidy}


def main(arguments):
    unknown = [name for name in arguments if name not in STEPS]
    if unknown:
        print(f"lint: no step '{unknown[0]}'; there are {', '.join(STEPS)}", file=sys.stderr)
        return 2
    failed = []
    for name in arguments or STEPS:
        start = time.monotonic()
        passed, output = STEPS[name]()
        seconds = time.monotonic() - start
        print(f"{name:<11} {'clean' if passed else 'FINDINGS':<9} {seconds:6.1f} s", flush=True)
        if not passed:
            print(output.rstrip(), flush=True)
            failed.append(name)
    print(f"lint: {'clean' if not failed else 'findings in ' + ', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    tree.enter_root()
    sys.exit(main(sys.argv[1:]))
