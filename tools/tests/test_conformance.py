# SPDX-License-Identifier: Apache-2.0
"""Bad pages that tools/conformance.py must find, and good ones that it must leave alone."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import conformance  # noqa: E402


class Conformance(unittest.TestCase):
    def test_a_row_with_an_existing_case_is_fine(self):
        row = "| B1 | words | `bus/test_bus:a_chain_without_end_is_cut` |"
        self.assertEqual(conformance.check_text(row), ([], 1))

    def test_a_case_of_a_python_test_and_a_benchmark_are_found(self):
        tests = "`tests/test_conformance:test_a_row_without_a_test_is_found`, `bench/month`"
        self.assertEqual(conformance.check_text(f"| B1 | words | {tests} |"), ([], 1))

    def test_a_row_without_a_test_is_found(self):
        self.assertEqual(conformance.check_text("| B1 | words | ? |")[0], ["B1: names no test"])

    def test_a_missing_file_and_a_missing_case_are_found(self):
        self.assertEqual(conformance.check_text("| B1 | words | `bus/test_none:x` |")[0],
                         ["B1: `bus/test_none:x`: no such file"])
        self.assertEqual(conformance.check_text("| B1 | words | `bus/test_bus:x` |")[0],
                         ["B1: `bus/test_bus:x`: no such case"])
        self.assertEqual(conformance.check_text("| B1 | words | `bench/none` |")[0],
                         ["B1: `bench/none`: no such benchmark"])

    def test_part_of_a_name_is_no_case(self):
        row = "| B1 | words | `bus/test_bus:a_chain_without_end` |"
        self.assertEqual(len(conformance.check_text(row)[0]), 1)

    def test_an_id_that_stands_twice_is_found(self):
        row = "| B1 | words | `bus/test_bus:a_chain_without_end_is_cut` |\n"
        self.assertEqual(conformance.check_text(row + row)[0], ["B1: stands twice"])

    def test_heads_and_lines_of_tables_are_no_rows(self):
        self.assertEqual(conformance.check_text("| id | behaviour | test |\n|---|---|---|\n"),
                         ([], 0))


if __name__ == "__main__":
    unittest.main()
