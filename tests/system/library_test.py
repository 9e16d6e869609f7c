#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libtutti as a stranger uses it: installed, found by pkg-config, linked from C, C++ and Python.

Usage: library_test.py BUILD_FOLDER
"""
import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "build"
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


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
        source = os.path.join(self.folder, "use.cc")
        with open(source, "w", encoding="utf-8") as text:
            text.write("#include <tutti/bus.h>\n#include <tutti/journal.h>\n"
                       "int main() { tutti_bus *bus = nullptr; tutti_error error;\n"
                       "  if (tutti_bus_new(nullptr, &bus, &error) != TUTTI_OK) return 1;\n"
                       "  tutti_bus_free(bus); return 0; }\n")
        run([self.compile(source, "use", compiler="c++")], env=self.environment)

    def test_only_public_names_are_visible(self):
        names = run(["nm", "-D", "--defined-only", self.found["libtutti.so"]])
        shown = [line.split()[-1].split("@")[0] for line in names.splitlines()]
        self.assertEqual([n for n in shown if not re.match(r"tutti_|TUTTI_0$", n)], [])
        for header in ("bus.h", "mailbox.h", "operate.h", "journal.h"):
            with open(self.found[header], encoding="utf-8") as text:
                code = re.sub(r"/\*.*?\*/", "", text.read(), flags=re.S)
            declared = re.findall(r"\b(tutti_\w+)\(", code)
            static = re.findall(r"static inline [^(]*\b(tutti_\w+)\(", code)
            self.assertEqual(sorted(set(declared) - set(static) - set(shown)), [])

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


if __name__ == "__main__":
    unittest.main()
