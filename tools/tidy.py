#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""House rules that no compiler knows. A finding reads `path:line: rule: what is wrong`.

Rules, each a function check_<rule> below:
  banned     functions with a safer sibling (strcpy, sprintf, atoi, sleep ...)
  memory     malloc and free between base and engine
  clock      time and clocks outside host and what lets threads wait
  float      floating point between base and engine, outside market
  unfinished words that say that something is missing
  layout     tabs, blanks at the end, lines over 100 columns (scripts 144), no newline at the end
  length     functions over 70 lines, files over 1000
  nesting    statements more than 4 deep in their function
  guard      include guards, named for their path
  licence    the SPDX line, and a purpose comment in each source file
  single     a function that is not static and used in one file alone
  tested     a source file without a test file of its name
  machine    paths of one machine

Exceptions stand in tools/tidy_exceptions.txt, `rule path[:name] -- reason`. That list may only
shrink: an exception that nothing needs is a finding, and so is a list longer than it has ever been.

Usage: tools/tidy.py [--prune]   (--prune rewrites the list without exceptions that nothing needs)
"""
import collections
import os
import re
import subprocess
import sys

import tree

LINE_MAX = 100
SCRIPT_LINE_MAX = 144
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 1000
NESTING_MAX = 4
EXCEPTIONS = "tools/tidy_exceptions.txt"

PURE = {"base", "model", "sm", "bus", "market", "strategy", "risk", "trade", "coord", "engine"}

Finding = collections.namedtuple("Finding", "rule path line name text")


class File:
    """One file: its path, its text, and for C its code without comments and texts."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        self.is_c = path.endswith((".c", ".h"))
        self.code = tree.strip_c(text) if self.is_c else text
        parts = path.split("/")
        self.module = parts[1] if parts[0] == "src" and len(parts) > 2 else None

    def finding(self, rule, line, text, name=""):
        return Finding(rule, self.path, line, name, text)

    def matches(self, pattern):
        """(line, match) of a pattern in the code."""
        return [(self.code.count("\n", 0, m.start()) + 1, m) for m in pattern.finditer(self.code)]


BANNED = {
    "strcpy": "copies without a bound; use tt_text_set or memcpy",
    "strcat": "appends without a bound; use tt_text_append",
    "sprintf": "writes without a bound; use snprintf or tt_text_appendf",
    "vsprintf": "writes without a bound; use vsnprintf",
    "gets": "reads without a bound",
    "strtok": "changes its input and keeps state; use tt_slice_split",
    "atoi": "cannot tell an error from 0; use tt_text_parse_i64",
    "atol": "cannot tell an error from 0; use tt_text_parse_i64",
    "atof": "cannot tell an error from 0; use tt_dec_parse",
    "gmtime": "keeps state that threads share; use tt_civil_from_time",
    "localtime": "depends on the machine; use tt_civil_from_time",
    "rand": "is not seeded by us; use tt_random",
    "srand": "is not seeded by us; use tt_random",
    "usleep": "is obsolete; wait for an event, or use nanosleep in host",
    "sleep": "is too coarse; wait for an event, or use nanosleep in host",
}


def call_of(names):
    """A pattern for calls of these functions, not of members or of longer names."""
    return re.compile(r"(?<![\w.>])(" + "|".join(sorted(names)) + r")\s*\(")


BANNED_CALL = call_of(BANNED)
MEMORY_CALL = call_of(["malloc", "calloc", "realloc", "free", "strdup", "strndup", "aligned_alloc",
                       "posix_memalign", "alloca"])
CLOCK_CALL = call_of(["time", "clock", "clock_gettime", "gettimeofday", "timespec_get", "ftime"])
FLOAT_WORD = re.compile(r"\b(float|double)\b")


# Sanitizers watch the bounds in tests; what makes a test depend on time or machine is banned.
BANNED_IN_TESTS = {"gmtime", "localtime", "rand", "srand", "usleep", "sleep", "gets"}


def check_banned(file):
    if not file.is_c:
        return []
    names = BANNED_IN_TESTS if file.path.startswith("tests/") else BANNED
    return [file.finding("banned", line, f"{m.group(1)} {BANNED[m.group(1)]}", m.group(1))
            for line, m in file.matches(BANNED_CALL) if m.group(1) in names]


def check_memory(file):
    if not file.is_c or file.module not in PURE - {"base"}:
        return []
    return [file.finding("memory", line, f"{m.group(1)}: the core takes memory from the arena")
            for line, m in file.matches(MEMORY_CALL)]


# What lets threads wait for a bounded time has to know the time; no message ever carries it.
WAITING_FILES = {"src/journal/journal_gate.c"}


def check_clock(file):
    if (not file.is_c or not file.path.startswith("src/") or file.module in ("host", "lib")
            or file.path in WAITING_FILES):
        return []
    return [file.finding("clock", line, f"{m.group(1)}: only host and lib read a clock; take an argument")
            for line, m in file.matches(CLOCK_CALL)]


def check_float(file):
    if not file.is_c or file.module not in PURE - {"market"}:
        return []
    return [file.finding("float", line, f"{m.group(1)}: the core counts in tt_dec")
            for line, m in file.matches(FLOAT_WORD)]


# Written in two parts, so that this file does not find itself.
UNFINISHED_WORDS = ["FIX" + "ME", "TO" + "DO", "X" + "XX", "HA" + "CK"]
UNFINISHED = re.compile(r"\b(" + "|".join(UNFINISHED_WORDS) + r")\b")


def check_unfinished(file):
    return [file.finding("unfinished", number, f"{match.group(1)}: finish it, or open an issue")
            for number, line in enumerate(file.lines, 1) for match in UNFINISHED.finditer(line)]


def check_layout(file):
    findings = []
    makefile = os.path.basename(file.path) == "Makefile"
    is_script = file.path.endswith((".py", ".sh", ".build"))
    columns = LINE_MAX if file.is_c else SCRIPT_LINE_MAX if is_script else None
    for number, line in enumerate(file.lines, 1):
        if "\t" in line and not makefile:
            findings.append(file.finding("layout", number, "a tab"))
        if line != line.rstrip() and not file.path.endswith(".md"):
            findings.append(file.finding("layout", number, "blanks at the end"))
        if columns and len(line) > columns:
            findings.append(
                file.finding("layout", number, f"{len(line)} columns; the most is {columns}"))
    if file.text and not file.text.endswith("\n"):
        findings.append(file.finding("layout", len(file.lines), "no newline at the end"))
    return findings


FUNCTION_NAME = re.compile(r"([A-Za-z_]\w*)\s*\(")
NOT_FUNCTIONS = {"__attribute__", "_Static_assert", "__extension__"}


def functions_of(file):
    """(name, first line, last line, is_static) of each function, by its brace in column 0."""
    found = []
    lines = file.code.split("\n")
    start = None
    for number, line in enumerate(lines):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            head = head_of(lines, start)
            names = [n for n in FUNCTION_NAME.findall(head) if n not in NOT_FUNCTIONS]
            if names:
                is_static = re.search(r"\bstatic\b", head) is not None
                found.append((names[0], start + 1, number + 1, is_static))
            start = None
    return found


def head_of(lines, brace):
    """What stands in front of a function's brace, back to the end of what was before."""
    first = brace
    while first > 0 and not re.search(r"[;}]\s*$|^\s*#|^\s*$|\\$", lines[first - 1]):
        first -= 1
    return " ".join(lines[first:brace])


def check_length(file):
    findings = []
    is_code = file.path.endswith((".c", ".h", ".py", ".sh"))
    if is_code and len(file.lines) - 1 > FILE_LINES_MAX:
        findings.append(file.finding(
            "length", 1, f"{len(file.lines) - 1} lines; the most is {FILE_LINES_MAX}"))
    if not file.is_c:
        return findings
    for name, first, last, _ in functions_of(file):
        if last - first - 1 > FUNCTION_LINES_MAX:
            text = f"{name} has {last - first - 1} lines; the most is {FUNCTION_LINES_MAX}"
            findings.append(file.finding("length", first, text, name))
    return findings


OPENS_BLOCK = re.compile(r"\{\s*$")
OPENS_LIST = re.compile(r"[=(,{&]\s*(?:\([^()]*\)\s*)?\{\s*$|\b(?:struct|union|enum)\b[^;()]*\{\s*$")


def check_nesting(file):
    """Depth of the blocks in a function, by the braces that our layout puts at the ends of lines."""
    if not file.path.endswith(".c"):
        return []
    findings = []
    lines = file.code.split("\n")
    for name, first, last, _ in functions_of(file):
        stack = []
        for number in range(first, last - 1):
            line = lines[number]
            if line.lstrip().startswith("}") and stack:
                stack.pop()
            if OPENS_BLOCK.search(line):
                stack.append(not OPENS_LIST.search(line))
            if sum(stack) > NESTING_MAX:
                findings.append(file.finding("nesting", number + 1, f"{name} is nested "
                                             f"{sum(stack)} deep; the most is {NESTING_MAX}", name))
                break
    return findings


def guard_of(path):
    """The guard that a header must have, or None if any will do (tests and benchmarks)."""
    if path.startswith("src/"):
        return "TT_" + re.sub(r"[^A-Z0-9]", "_", path[len("src/"):].upper())
    if path.startswith("include/tutti/"):
        return "TUTTI_" + re.sub(r"[^A-Z0-9]", "_", path[len("include/tutti/"):].upper())
    return None


GUARD = re.compile(r"^#ifndef (\w+)\n#define (\w+)\n", re.M)


def check_guard(file):
    if not file.path.endswith(".h"):
        return []
    match = GUARD.search(file.code)
    if not match or match.group(1) != match.group(2) or not file.code.rstrip().endswith("#endif"):
        return [file.finding("guard", 1, "no include guard around the whole header")]
    wanted = guard_of(file.path)
    if wanted and match.group(1) != wanted:
        return [file.finding("guard", 1, f"the guard is {match.group(1)}; it must be {wanted}")]
    return []


SPDX = "SPDX-License-Identifier: Apache-2.0"


def check_licence(file):
    name = os.path.basename(file.path)
    is_script = name in ("Makefile", "meson.build") or file.path.endswith((".py", ".sh")) or \
        file.path == ".ci/run"
    if not file.is_c and not is_script:
        return []
    findings = []
    if not any(SPDX in line for line in file.lines[:2]):
        findings.append(file.finding("licence", 1, f"the first line must say {SPDX}"))
    is_told = re.match(r"(?:[^\n]*\n){0,3}?/\*\* @file\n \* \S", file.text)
    if file.is_c and not is_told and not file.path.startswith("tests/"):
        findings.append(
            file.finding("licence", 2, "no purpose comment (/** @file) under the licence"))
    return findings


MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|mnt)/")


def check_machine(file):
    return [file.finding("machine", number, f"a path of one machine: {match.group(0)}")
            for number, line in enumerate(file.lines, 1) for match in MACHINE.finditer(line)]


CHECKS = [check_banned, check_memory, check_clock, check_float, check_unfinished, check_layout,
          check_length, check_nesting, check_guard, check_licence, check_machine]


def words_of(file):
    return set(re.findall(r"\b(?:tt|tutti)_\w+", file.code))


def is_prototype_only(file, name):
    """Whether a header mentions a function only to declare it."""
    uses = [m.start() for m in re.finditer(rf"\b{name}\b", file.code)]
    in_macro = any(file.code.rfind("\n", 0, at) >= 0 and
                   re.search(r"^\s*#|\\\n[^\n]*$", line_with_head(file.code, at)) for at in uses)
    return len(uses) == 1 and not in_macro


def line_with_head(code, at):
    """The line of a position, with the end of the line before it."""
    start = code.rfind("\n", 0, at)
    before = code.rfind("\n", 0, start) if start > 0 else -1
    end = code.find("\n", at)
    return code[before + 1:end if end >= 0 else len(code)].split("\n")[-1] \
        if not code[:start].endswith("\\") else code[before + 1:end]


def check_single(files):
    """Functions that could be static. Public functions (include/tutti) are for others."""
    c_files = [f for f in files if f.is_c]
    used_in = collections.defaultdict(set)
    for file in c_files:
        for word in words_of(file):
            used_in[word].add(file.path)
    by_path = {f.path: f for f in c_files}
    findings = []
    for file in c_files:
        if not file.path.startswith("src/") or not file.path.endswith(".c"):
            continue
        for name, line, _, is_static in functions_of(file):
            if is_static or name == "main" or name not in used_in:
                continue
            others = used_in[name] - {file.path}
            if any(path.startswith("include/") for path in others):
                continue
            users = [path for path in others
                     if path.endswith(".c") or not is_prototype_only(by_path[path], name)]
            if not users:
                text = f"{name} is used in this file alone: make it static"
                findings.append(file.finding("single", line, text, name))
    return findings


FIRST_COMMENT = re.compile(r"/\*\*.*?\*/", re.S)


def covered_by(file):
    """Source files that a test covers: that of its name, and those behind `Covers:` in its head."""
    name = os.path.basename(file.path)
    covered = {name[len("test_"):]} if name.startswith("test_") else set()
    head = FIRST_COMMENT.search(file.text)
    told = head.group(0).partition("Covers:")[2] if head else ""
    return covered | set(re.findall(r"\b\w+\.c\b", told))


ELSEWHERE = re.compile(r"\b(\w+)/(\w+\.c)\b")


def check_tested(files):
    """Each src/<module>/<name>.c has a test in tests/unit/<module>/: test_<name>.c, without the
    module's own prefix if it has one, or a test that says ` * Covers: <name>.c` in its head. Tests
    of whole programs, elsewhere under tests/, say `Covers: <module>/<name>.c`."""
    covered = collections.defaultdict(set)
    for file in files:
        parts = file.path.split("/")
        if file.path.startswith("tests/") and not file.path.startswith("tests/unit/"):
            told = file.text.partition("Covers:")[2].partition("\n\n")[0]
            for module, name in ELSEWHERE.findall(told):
                covered[module].add(name)
        if file.path.startswith("tests/unit/") and file.path.endswith(".c"):
            covered[parts[2]] |= covered_by(file)
    findings = []
    for file in files:
        if not file.module or not file.path.endswith(".c"):
            continue
        name = os.path.basename(file.path)
        names = {name, name.removeprefix(file.module + "_")}
        if not names & covered[file.module]:
            text = f"no tests/unit/{file.module}/test_{name}, and no test there says Covers: {name}"
            findings.append(file.finding("tested", 1, text))
    return findings


def check_all(files):
    """All findings about a list of files."""
    findings = [finding for file in files for check in CHECKS for finding in check(file)]
    return findings + check_single(files) + check_tested(files)


EXCEPTION = re.compile(r"^(\w+) ([^\s:]+)(?::(\w+))? -- (\S.*)$")


def parse_exceptions(text):
    """((rule, path, name) -> reason) and what is wrong with the list."""
    known, wrong = {}, []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = EXCEPTION.match(line)
        if not match:
            wrong.append(f"{EXCEPTIONS}:{number}: write `rule path[:name] -- reason`")
            continue
        known[(match.group(1), match.group(2), match.group(3) or "")] = match.group(4)
    return known, wrong


def excuse(findings, known):
    """Findings without an exception, and the exceptions that served."""
    left, served = [], set()
    for finding in findings:
        keys = [(finding.rule, finding.path, finding.name), (finding.rule, finding.path, "")]
        hits = [key for key in keys if key in known]
        served.update(hits)
        if not hits:
            left.append(finding)
    return left, served


def count_entries(text):
    return len(parse_exceptions(text)[0])


def smallest_ever():
    """The smallest number of exceptions that a commit has had, or None without a history."""
    log = subprocess.run(["git", "log", "--format=%H", "--", EXCEPTIONS], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True)
    counts = []
    for commit in log.stdout.split():
        show = subprocess.run(["git", "show", f"{commit}:{EXCEPTIONS}"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        if show.returncode == 0:
            counts.append(count_entries(show.stdout))
    return min(counts) if counts else None


def render_exceptions(known):
    """The list as a file: the same entries always give the same bytes."""
    rows = []
    for (rule, path, name), reason in sorted(known.items()):
        rows.append(f"{rule} {path}{':' + name if name else ''} -- {reason}\n")
    head = ("# SPDX-License-Identifier: Apache-2.0\n"
            "# Exceptions of tools/tidy.py: rule path[:name] -- reason. It may only shrink.\n")
    return head + "".join(rows)


def load_files():
    paths = tree.files("include", "src", "tests", "bench", "tools", "docs", "examples", ".ci")
    paths += [name for name in sorted(os.listdir(".")) if os.path.isfile(name)]
    text = (".c", ".h", ".py", ".sh", ".md", ".txt", ".build", ".yaml", ".html", ".1")
    plain = {"Makefile", ".ci/run", ".clang-format", ".clang-tidy", ".gitignore"}
    return [File(path, tree.read(path)) for path in paths
            if path.endswith(text) or os.path.normpath(path) in plain]


def main(arguments):
    files = load_files()
    text = tree.read(EXCEPTIONS) if os.path.exists(EXCEPTIONS) else ""
    known, wrong = parse_exceptions(text)
    left, served = excuse(check_all(files), known)
    if arguments == ["--prune"]:
        with open(EXCEPTIONS, "w", encoding="utf-8") as out:
            out.write(render_exceptions({key: known[key] for key in known if key in served}))
        return 0
    for key in sorted(set(known) - served):
        wrong.append(f"{EXCEPTIONS}: nothing needs '{' '.join(key).strip()}'; take it off")
    least = smallest_ever()
    if least is not None and len(known) > least:
        wrong.append(f"{EXCEPTIONS}: {len(known)} exceptions; there were {least} once, and the "
                     "list may only shrink")
    for finding in left:
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.text}")
    for line in wrong:
        print(line)
    return 1 if left or wrong else 0


if __name__ == "__main__":
    tree.enter_root()
    sys.exit(main(sys.argv[1:]))
