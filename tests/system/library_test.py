#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libtutti as a stranger uses it: installed, found by pkg-config, linked from C, C++ and Python.

Usage: library_test.py BUILD_FOLDER [--renew]

What programs are compiled against (functions, constants, places in structs) stands in libtutti_abi.txt.
A change of it needs a version with another soname before it is released; --renew writes the file again.
"""
import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

RENEW = "--renew" in sys.argv and not sys.argv.remove("--renew")
BUILD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "build"
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
HEADERS = ("bus", "error", "journal", "mailbox", "message", "operate", "status", "text")
ABI = os.path.join(ROOT, "tests", "system", "libtutti_abi.txt")


class Headers:
    """What the headers declare: structs with their fields, constants, functions."""

    def __init__(self, found):
        self.structs, self.constants, self.functions = {}, [], []
        for name in HEADERS:
            with open(found[name + ".h"], encoding="utf-8") as text:
                self.read(re.sub(r"//[^\n]*|/\*.*?\*/", "", text.read(), flags=re.S))

    def read(self, code):
        for name, fields in re.findall(r"typedef struct (tutti_\w+) \{(.*?)\n\}", code, re.S):
            self.structs[name] = [re.findall(r"\w+", field.split("[")[0])[-1]
                                  for field in fields.split(";") if field.strip()]
        for members in re.findall(r"typedef enum tutti_\w+ \{(.*?)\}", code, re.S):
            self.constants += re.findall(r"\bTUTTI_\w+(?=,|\s*$)", members)
        self.constants += ["TUTTI_" + name for name in re.findall(r"^ +S\((\w+), \"", code, re.M)]
        self.constants += [name for name in re.findall(r"#define (TUTTI_\w+) +[\w(]", code)
                           if name not in ("TUTTI_NODISCARD", "TUTTI_BUS_H")]
        flat = re.sub(r"\s+", " ", re.sub(r"#[^\n]*(\\\n[^\n]*)*", "", code))
        for text in re.findall(r"(?<=[;}\"{]) ([\w* ]*?\btutti_\w+\([^;{]*\));", flat):
            self.functions.append(text.replace("TUTTI_NODISCARD ", "").replace("( ", "("))


def run(command, **options):
    """What a command prints; fails the test with its complaints if it fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=120, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command}: exit {result.returncode}\n{result.stdout}")
    return result.stdout


class Library(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tutti_library_")
        run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.folder])
        cls.found = {}
        for folder, _, names in os.walk(cls.folder):
            for name in names:
                cls.found[name] = os.path.join(folder, name)
        package = os.path.dirname(cls.found["tutti.pc"])
        cls.environment = {**os.environ, "PKG_CONFIG_PATH": package,
                           "PKG_CONFIG_SYSROOT_DIR": cls.folder,
                           "LD_LIBRARY_PATH": os.path.dirname(cls.found["libtutti.so"])}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def flags(self, *options):
        return run(["pkg-config", *options, "tutti"], env=self.environment).split()

    def compile(self, source, name, compiler="cc", extra=(), static=False):
        target = os.path.join(self.folder, name)
        libraries = self.flags("--libs", "--static") if static else self.flags("--libs")
        if static:
            libraries = [self.found["libtutti.a"] if flag == "-ltutti" else flag
                         for flag in libraries]
        run([compiler, "-Wall", "-Wextra", "-Werror", *extra, source, "-o", target, "-pthread",
             *self.flags("--cflags"), *libraries])
        return target

    def example(self, name):
        return os.path.join(ROOT, "examples", name)

    def test_the_short_example_says_what_it_should(self):
        program = self.compile(self.example("bus_in_50_lines.c"), "short")
        journal = os.path.join(self.folder, "plant")
        text = "".join(f"alarm: hot, sensor {n}\n" for n in (3, 4, 5))
        self.assertEqual(run([program, journal], env=self.environment), text)
        self.assertEqual(run([program, journal], env=self.environment), text)  # goes on
        tutti = os.path.join(BUILD, "tutti")
        self.assertIn("19 messages", run([tutti, "journal", "verify", journal]))
        self.assertIn("plant.alarms", run([tutti, "journal", "stats", journal]))
        alarms = run([tutti, "journal", "dump", journal, "--json", "--topic", "plant.al*"])
        self.assertEqual(alarms.count('"plant.alarms"'), 6)

    def test_what_is_installed_is_found(self):
        """The completion stands where bash looks; the cache of libraries is renewed, but not for a packager."""
        completion = os.path.join("share", "bash-completion", "completions", "tutti")
        self.assertIn(completion, [os.path.join(folder, name)[-len(completion):]
                                   for folder, _, names in os.walk(self.folder) for name in names])
        steps = run(["make", "-s", "-n", "install"], cwd=ROOT)
        self.assertIn('if [ -z "$DESTDIR" ] && [ "$(id -u)" -eq 0 ]; then ldconfig; fi', steps)

    def test_the_short_example_is_short(self):
        with open(self.example("bus_in_50_lines.c"), encoding="utf-8") as source:
            code = re.sub(r"/\*.*?\*/", "", source.read(), flags=re.S).split("\n")
        self.assertLessEqual(len([line for line in code if line.strip()]), 50)

    def test_alerts_come_and_go(self):
        program = self.compile(self.example("bus_watch.c"), "watch")
        self.assertEqual(run([program], env=self.environment).splitlines(), [
            "invoice 1: no connection", "alert success_rate raised: 0, limit 950000",
            "invoice 2: no connection", "invoice 3: no connection",
            "alert consecutive_failures raised: 3, limit 3",
            "invoice 1: settled", "invoice 2: settled", "invoice 3: settled", "invoice 4: settled",
            "alert consecutive_failures has passed: 0, limit 3"])

    def test_threads_agree(self):
        program = self.compile(self.example("bus_threads.c"), "threads")
        self.assertEqual(run([program], env=self.environment),
                         "consumer: newest values taken\nstop: ok, 0 not delivered\n"
                         f"adder: {2 * sum(range(100000))}\n")

    def test_the_static_library_needs_no_shared_one(self):
        program = self.compile(self.example("bus_in_50_lines.c"), "static", static=True)
        self.assertNotIn("libtutti", run(["ldd", program]))
        self.assertIn("hot", run([program]))

    def test_the_headers_are_cplusplus_too(self):
        source = self.example("bus_cpp.cc")
        strict = ("-std=c++11", "-Wpedantic", "-Wshadow", "-Wconversion")
        program = self.compile(source, "use", compiler="c++", extra=strict)
        self.assertEqual(run([program], env=self.environment).splitlines(),
                         ["trade 1: 2 at 101.25", "trade 2: 0.5 at 99", "stop: ok, 2 seen, 0 not delivered"])

    def test_only_public_names_are_visible(self):
        names = run(["nm", "-D", "--defined-only", self.found["libtutti.so"]])
        shown = [line.split()[-1].split("@")[0] for line in names.splitlines()]
        self.assertEqual([n for n in shown if not re.match(r"tutti_|TUTTI_0\.1$", n)], [])
        declared = [re.search(r"(tutti_\w+)\(", text).group(1)
                    for text in Headers(self.found).functions]
        self.assertEqual(sorted(declared), sorted(n for n in shown if n.startswith("tutti_")))

    def test_the_soname_has_the_minor_version(self):
        version = run(["pkg-config", "--modversion", "tutti"], env=self.environment).strip()
        soname = "libtutti.so." + ".".join(version.split(".")[:2])
        self.assertIn(f"[{soname}]", run(["readelf", "-d", self.found["libtutti.so"]]))
        self.assertIn(soname, self.found)
        self.assertIn("libtutti.so." + version, self.found)
        library = ctypes.CDLL(self.found["libtutti.so"])
        library.tutti_version.restype = ctypes.c_char_p
        self.assertEqual(library.tutti_version().decode(), version)

    def test_what_programs_are_compiled_against_is_as_written_down(self):
        headers = Headers(self.found)
        lines = [f'printf("{name} %zu\\n", sizeof({name}));' for name in headers.structs]
        lines += [f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));'
                  for name, fields in headers.structs.items() for field in fields]
        lines += [f'printf("{name} %lld\\n", (long long){name});' for name in headers.constants]
        source = os.path.join(self.folder, "abi.c")
        with open(source, "w", encoding="utf-8") as text:
            text.write("#include <stdio.h>\n#include <tutti/operate.h>\n#include <tutti/text.h>\n"
                       "int main(void) {" + "\n".join(lines) + "}\n")
        found = sorted(run([self.compile(source, "abi")], env=self.environment).splitlines()
                       + headers.functions)
        if RENEW:
            with open(ABI, "w", encoding="utf-8") as text:
                text.write("\n".join(found) + "\n")
        with open(ABI, encoding="utf-8") as text:
            self.assertEqual(found, text.read().splitlines(), "see the head of this file")

    def test_each_header_stands_alone_without_warnings(self):
        for name in HEADERS:
            source = os.path.join(self.folder, f"alone_{name}")
            for suffix, compiler, standards in ((".c", "cc", ("c99", "c17")),
                                                (".cc", "c++", ("c++11", "c++20"))):
                with open(source + suffix, "w", encoding="utf-8") as text:
                    text.write(f"#include <tutti/{name}.h>\n#include <tutti/{name}.h>\n")
                for standard in standards:
                    run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wshadow",
                         "-fsyntax-only", *self.flags("--cflags"), source + suffix])

    def test_python_appends_and_reads_back(self):
        library = ctypes.CDLL(self.found["libtutti.so"])
        library.tutti_journal_append.argtypes = [
            ctypes.c_void_p, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_uint32,
            ctypes.c_int64, ctypes.POINTER(ctypes.c_uint64)]
        library.tutti_journal_wait.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int64]
        library.tutti_journal_close.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        log, topic, seq = ctypes.c_void_p(), ctypes.c_uint16(), ctypes.c_uint64()
        path = os.path.join(self.folder, "python")
        self.assertEqual(library.tutti_journal_open(path.encode(), 1, ctypes.byref(log), None,
                                                    None), 0)
        self.assertEqual(library.tutti_journal_topic(log, b"notes", ctypes.byref(topic), None), 0)
        for number in range(10):
            self.assertEqual(library.tutti_journal_append(
                log, topic, number, b"from python", 11, -1 & 0x7fffffffffffffff,
                ctypes.byref(seq)), 0)
        self.assertEqual(library.tutti_journal_wait(log, seq, 10**10), 0)
        self.assertEqual(library.tutti_journal_close(log, None), 0)
        tutti = os.path.join(BUILD, "tutti")
        self.assertIn("11 messages", run([tutti, "journal", "verify", path]).replace(",", ""))

    def test_the_example_in_python_says_what_it_should(self):
        path = os.path.join(self.folder, "shop")
        environment = {**os.environ, "TUTTI_LIBRARY": self.found["libtutti.so"]}
        told = run([sys.executable, self.example("bus_python.py"), path], env=environment)
        self.assertEqual(told.splitlines(), [
            "alarm: cheap: 99.5", "check: 7 is more than 5", "again to check: 7 at 98", "alarm: cheap: 98",
            "refused: shop.trades.side: no such value (line 1, column 37) (one of: buy, sell)",
            "shop.trades {'price': '101.25', 'qty': '2', 'side': 'buy'}",
            "shop.trades {'price': '99.5', 'qty': '3', 'side': 'sell'}",
            "shop.alarms {'text': 'cheap: 99.5'}",
            "shop.trades {'price': '98', 'qty': '7', 'side': 'sell'}",
            "shop.alarms {'text': 'cheap: 98'}"])
        self.assertEqual(run([os.path.join(BUILD, "tutti"), "journal", "verify", path]).count("messages"), 1)

    def test_the_structs_in_python_are_those_in_c(self):
        os.environ["TUTTI_LIBRARY"] = self.found["libtutti.so"]
        spec = importlib.util.spec_from_file_location("bus_python", self.example("bus_python.py"))
        example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(example)
        with open(ABI, encoding="utf-8") as text:
            places = dict(line.rsplit(" ", 1) for line in text.read().splitlines() if "(" not in line)
        for name in ("error", "bus_options", "topic_options", "subscription", "post", "dead"):
            struct = getattr(example, "".join(word.capitalize() for word in name.split("_")))
            self.assertEqual(ctypes.sizeof(struct), int(places[f"tutti_{name}"]), name)
            for field in struct._fields_:
                self.assertEqual(getattr(struct, field[0]).offset, int(places[f"tutti_{name}.{field[0]}"]), field[0])
        for name in ("OK", "IO", "END", "JSON_MAX"):
            self.assertEqual(getattr(example, name), int(places[f"TUTTI_{name}"]), name)


if __name__ == "__main__":
    unittest.main()
