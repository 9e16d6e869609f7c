# SPDX-License-Identifier: Apache-2.0
"""What tools/pure.py must find in symbols, and in a real archive."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import pure  # noqa: E402


class Symbols(unittest.TestCase):
    def test_what_is_pure_passes(self):
        needed = {"memcpy", "__divti3", "tt_bus_now"}
        self.assertEqual(pure.judge("risk", needed, {"tt_bus_now"}), [])

    def test_time_threads_files_and_memory_are_found(self):
        for symbol in ("clock_gettime", "time", "pthread_create", "fopen", "malloc", "free", "sqrt",
                       "getenv", "rand", "write"):
            self.assertEqual(len(pure.judge("bus", {symbol}, set())), 1, symbol)

    def test_an_extra_of_one_module_is_not_one_of_another(self):
        self.assertEqual(pure.judge("base", {"mmap"}, set()), [])
        self.assertEqual(len(pure.judge("bus", {"mmap"}, set())), 1)

    def test_a_symbol_from_above_is_found(self):
        self.assertIn("nor below it", pure.judge("bus", {"tt_engine_step"}, {"tt_bus_new"})[0])

    def test_a_stale_extra_is_found(self):
        needed = {"base": {"abort", "fprintf", "stderr", "madvise", "munmap", "snprintf"}}
        self.assertEqual(pure.stale(needed),
                         ["tools/pure.py: base no longer needs vsnprintf; take it off"])

    def test_a_missing_archive_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            findings = pure.check_build(folder)
        self.assertEqual(len(findings), len(pure.PURE_MODULES))
        self.assertIn("build it first", findings[0])


@unittest.skipUnless(shutil.which("cc") and shutil.which("ar"), "no compiler here")
class Archive(unittest.TestCase):
    def make(self, folder, module, text):
        source = os.path.join(folder, module + ".c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run(["cc", "-c", source, "-o", source + ".o"], check=True)
        archive = os.path.join(folder, f"libtt_{module}.a")
        subprocess.run(["ar", "rcs", archive, source + ".o"], check=True)
        return archive

    def test_symbols_are_read_from_an_archive(self):
        with tempfile.TemporaryDirectory() as folder:
            archive = self.make(folder, "bus", "#include <time.h>\n"
                                "long tt_bus_now(void) { return (long)time(0); }\n")
            needed = pure.symbols_of(archive, "--undefined-only")
            defined = pure.symbols_of(archive, "--defined-only")
        self.assertIn("tt_bus_now", defined)
        findings = pure.judge("bus", needed, defined)
        self.assertEqual(len(findings), 1)
        self.assertIn("libtt_bus.a: time is not pure", findings[0])


if __name__ == "__main__":
    unittest.main()
