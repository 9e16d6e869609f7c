# SPDX-License-Identifier: Apache-2.0
"""Bad examples that tools/floors.py must find, and good ones that it must leave alone."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import floors  # noqa: E402


def findings(path, *targets):
    return floors.check_file(path, "".join(f'#include "{target}"\n' for target in targets))


class Floors(unittest.TestCase):
    def test_lower_floors_and_the_own_module_are_fine(self):
        below = ("risk/risk_priv.h", "bus/core.h", "base/dec.h")
        self.assertEqual(findings("src/risk/risk.c", *below), [])
        self.assertEqual(findings("src/cli/main.c", "host/session.h", "model/enums.h"), [])

    def test_a_higher_floor_is_found(self):
        self.assertEqual(findings("src/bus/bus.c", "base/dec.h", "engine/engine.h"),
                         ['src/bus/bus.c:2: "engine/engine.h": engine stands above bus'])

    def test_a_neighbour_is_found(self):
        self.assertIn("trade stands beside risk", findings("src/risk/risk.c", "trade/trade.h")[0])
        self.assertIn("model stands beside sm", findings("src/sm/sm.c", "model/enums.h")[0])

    def test_the_inside_of_another_module_is_found(self):
        self.assertIn("is inside of bus", findings("src/engine/engine.c", "bus/bus_priv.h")[0])

    def test_an_include_without_a_folder_is_found(self):
        self.assertIn('as "risk/risk_priv.h"', findings("src/risk/risk.c", "risk_priv.h")[0])

    def test_an_unknown_module_is_found(self):
        self.assertIn("is no module", findings("src/risk/risk.c", "util/list.h")[0])
        self.assertIn("stands on no floor", findings("src/util/list.c")[0])

    def test_what_is_hidden_in_a_comment_is_no_include(self):
        text = '/* #include "engine/engine.h" */\n// #include "cli/cli.h"\n'
        self.assertEqual(floors.check_file("src/bus/bus.c", text), [])

    def test_blanks_do_not_hide_an_include(self):
        text = '  #  include "engine/engine.h"\n'
        self.assertEqual(len(floors.check_file("src/bus/bus.c", text)), 1)

    def test_every_module_stands_on_one_floor(self):
        modules = [module for floor in floors.FLOORS for module in floor]
        self.assertEqual(len(modules), len(set(modules)))

    def test_the_document_must_show_the_same_floors(self):
        rows = [f"| {n} | {', '.join(f'`{m}`' for m in floor)} | words |"
                for n, floor in enumerate(floors.FLOORS, 1)]
        self.assertEqual(floors.check_document("\n".join(rows)), [])
        self.assertEqual(len(floors.check_document("\n".join(rows[:-1]))), 1)
        self.assertEqual(len(floors.check_document("\n".join(reversed(rows)))), 1)


if __name__ == "__main__":
    unittest.main()
