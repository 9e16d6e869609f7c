# SPDX-License-Identifier: Apache-2.0
"""How tools/test.py counts: no failure may be lost on the way to the last line."""
import importlib.util
import json
import os
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = importlib.util.spec_from_file_location("runner", os.path.join(HERE, "..", "test.py"))
runner = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(runner)


def entry(result, stdout="", stderr=""):
    return {"name": "a", "result": result, "stdout": stdout, "stderr": stderr}


class Counting(unittest.TestCase):
    def test_cases_of_cmocka_are_counted(self):
        self.assertEqual(runner.count_entry(entry("OK", "[  PASSED  ] 11 test(s).\n")), (11, 0, 0))
        mixed = "[  PASSED  ] 9 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n" \
                "[  FAILED  ] 2 test(s), listed below:\n"
        self.assertEqual(runner.count_entry(entry("FAIL", stderr=mixed)), (9, 2, 1))

    def test_a_plain_program_counts_as_one(self):
        self.assertEqual(runner.count_entry(entry("OK", "done\n")), (1, 0, 0))
        self.assertEqual(runner.count_entry(entry("FAIL")), (0, 1, 0))
        self.assertEqual(runner.count_entry(entry("SKIP")), (0, 0, 1))

    def test_a_crash_after_good_cases_is_a_failure(self):
        text = "[  PASSED  ] 5 test(s).\n"
        for result in ("FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS"):
            self.assertEqual(runner.count_entry(entry(result, text)), (5, 1, 0), result)

    def test_a_log_is_summed(self):
        lines = [entry("OK", "[  PASSED  ] 3 test(s).\n"), entry("OK"), entry("FAIL")]
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as log:
            log.write("\n".join(json.dumps(line) for line in lines) + "\n")
        try:
            self.assertEqual(runner.count_log(log.name), (4, 1, 0))
        finally:
            os.remove(log.name)

    def test_suites_are_selected(self):
        self.assertTrue(runner.selects(["tutti:unit"], ["unit"], []))
        self.assertFalse(runner.selects(["tutti:crash"], ["unit"], []))
        self.assertTrue(runner.selects(["tutti:crash"], [], ["unit"]))
        self.assertFalse(runner.selects(["tutti:unit", "tutti:threads"], [], ["unit"]))

    def test_an_unknown_build_is_refused(self):
        self.assertEqual(runner.main(["nonsense"]), 2)


if __name__ == "__main__":
    unittest.main()
