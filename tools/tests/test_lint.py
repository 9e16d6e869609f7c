# SPDX-License-Identifier: Apache-2.0
"""How tools/lint.py reads the words of clang-tidy, and tools/tree.py those of C."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import headers  # noqa: E402
import lint  # noqa: E402
import tree  # noqa: E402


class ClangTidy(unittest.TestCase):
    def test_findings_are_told_once_from_the_root(self):
        output = ("../src/a/b.c:12:3: error: bad thing [x-y,-warnings-as-errors]\n"
                  "    code\n      ^\n../src/a/b.c:12:3: note: see here\n"
                  "../src/a/b.c:12:9: error: bad thing [x-y,-warnings-as-errors]\n")
        self.assertEqual(lint.findings_of(output), ["src/a/b.c:12: bad thing [x-y]"])

    def test_a_key_depends_on_every_content_and_its_place(self):
        keys = {lint.digest("a", "b"), lint.digest("b", "a"), lint.digest("ab", ""),
                lint.digest("a", "b", "")}
        self.assertEqual(len(keys), 4)

    def test_an_unknown_step_is_refused(self):
        self.assertEqual(lint.main(["nonsense"]), 2)


class Tree(unittest.TestCase):
    def test_comments_and_texts_are_blanked_in_place(self):
        text = 'a; // b\n/* c\n d */ e("f // g", \'"\'); /* "h */ i;\n'
        code = tree.strip_c(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        for hidden in "bcdfgh":
            self.assertNotIn(hidden, code)
        for shown in "aei":
            self.assertIn(shown, code)
        self.assertIn('"f // g"', tree.strip_c(text, keep_strings=True))

    def test_build_folders_are_left_out(self):
        for name in ("build", "build-asan", "out", ".git"):
            self.assertTrue(tree.LEFT_OUT.match(name), name)
        for name in ("builder", "src", "outline"):
            self.assertFalse(tree.LEFT_OUT.match(name), name)

    def test_a_header_is_included_twice_as_its_users_write_it(self):
        self.assertEqual(headers.include_lines("src/bus/bus.h"), '#include "bus/bus.h"\n' * 2)
        self.assertEqual(headers.include_lines("include/tutti/status.h"),
                         "#include <tutti/status.h>\n" * 2)

    def test_headers_that_are_not_whole_are_found(self):
        cases = {"good.h": ("#ifndef G\n#define G\nstruct a {\n    int x;\n};\n#endif\n", True),
                 "needs.h": ("#ifndef N\n#define N\nmissing_type x(void);\n#endif\n", False),
                 "bare.h": ("struct a {\n    int x;\n};\n", False)}
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                os.makedirs("src/a")
                for name, (text, is_whole) in cases.items():
                    with open("src/a/" + name, "w", encoding="utf-8") as file:
                        file.write(text)
                    said = headers.compile_alone("cc", "src/a/" + name)
                    self.assertEqual(said == "", is_whole, name)
            finally:
                os.chdir(before)


if __name__ == "__main__":
    unittest.main()
