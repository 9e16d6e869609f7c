# SPDX-License-Identifier: Apache-2.0
"""A bad example for each rule of tools/tidy.py, and good ones beside it."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tidy  # noqa: E402

HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/** @file\n * What it is for.\n */\n"


def run(check, path, text):
    return [(f.line, f.text) for f in check(tidy.File(path, text))]


def count(check, path, text):
    return len(run(check, path, text))


class Calls(unittest.TestCase):
    def test_banned_functions_are_found(self):
        for name in tidy.BANNED:
            self.assertEqual(count(tidy.check_banned, "src/cli/a.c", f"x = {name} (y);\n"), 1, name)

    def test_longer_names_members_comments_and_texts_are_not_calls(self):
        text = 'my_rand(1); a->sleep(1); b.free(2); // rand()\n/* atoi(x) */ puts("gets(");\n'
        self.assertEqual(count(tidy.check_banned, "src/cli/a.c", text), 0)

    def test_tests_may_copy_but_not_sleep(self):
        self.assertEqual(count(tidy.check_banned, "tests/unit/a/test_b.c", "strcpy(a, b);\n"), 0)
        self.assertEqual(count(tidy.check_banned, "tests/unit/a/test_b.c", "sleep(1);\n"), 1)

    def test_memory_is_the_arena_in_the_core_alone(self):
        for name in ("malloc", "calloc", "realloc", "free"):
            text = f"p = {name}(p);\n"
            self.assertEqual(count(tidy.check_memory, "src/bus/a.c", text), 1, name)
            self.assertEqual(count(tidy.check_memory, "src/base/a.c", text), 0, name)
            self.assertEqual(count(tidy.check_memory, "src/host/a.c", text), 0, name)

    def test_only_host_reads_a_clock(self):
        for text in ("t = time(NULL);\n", "clock_gettime(CLOCK_REALTIME, &t);\n"):
            self.assertEqual(count(tidy.check_clock, "src/journal/a.c", text), 1)
            self.assertEqual(count(tidy.check_clock, "src/host/a.c", text), 0)
            self.assertEqual(count(tidy.check_clock, "bench/a.c", text), 0)
        text = "tt_bus_now(bus); x.time = 3;\n"
        self.assertEqual(count(tidy.check_clock, "src/bus/a.c", text), 0)

    def test_the_core_counts_without_floats(self):
        for word in ("float", "double"):
            self.assertEqual(count(tidy.check_float, "src/trade/a.c", f"{word} x;\n"), 1)
            self.assertEqual(count(tidy.check_float, "src/market/a.c", f"{word} x;\n"), 0)
            self.assertEqual(count(tidy.check_float, "src/agent/a.c", f"{word} x;\n"), 0)
        self.assertEqual(count(tidy.check_float, "src/trade/a.c", "// a double check\n"), 0)


class Text(unittest.TestCase):
    def test_unfinished_words_are_found_in_any_file(self):
        for word in tidy.UNFINISHED_WORDS:
            self.assertEqual(run(tidy.check_unfinished, "docs/a.md", f"a\nb {word}: c\n")[0][0], 2)
        self.assertEqual(count(tidy.check_unfinished, "src/a/b.c", "TODOS = 1;\n"), 0)

    def test_layout(self):
        for bad in ("\tx;\n", "x; \n", "x" * 101 + "\n", "no newline"):
            self.assertEqual(count(tidy.check_layout, "src/a/b.c", bad), 1, repr(bad))
        self.assertEqual(count(tidy.check_layout, "src/a/b.c", "x" * 100 + "\n"), 0)
        self.assertEqual(count(tidy.check_layout, "tools/a.py", "x" * 144 + "\n"), 0)
        self.assertEqual(count(tidy.check_layout, "tools/a.py", "x" * 145 + "\n"), 1)
        self.assertEqual(count(tidy.check_layout, "README.md", "x" * 200 + "\n"), 0)
        self.assertEqual(count(tidy.check_layout, "Makefile", "a:\n\tb\n"), 0)

    def test_licence_and_purpose(self):
        self.assertEqual(count(tidy.check_licence, "src/a/b.c", HEAD + "int x;\n"), 0)
        self.assertEqual(count(tidy.check_licence, "src/a/b.c", HEAD.split("\n", 1)[1]), 1)
        licence = HEAD.split("\n")[0] + "\nint x;\n"
        self.assertEqual(count(tidy.check_licence, "src/a/b.c", licence), 1)
        self.assertEqual(count(tidy.check_licence, "tests/unit/a/test_b.c", licence), 0)
        script = "#!/usr/bin/env python3\nx = 1\n"
        self.assertEqual(count(tidy.check_licence, "tools/a.py", script), 1)
        self.assertEqual(count(tidy.check_licence, "src/a/meson.build", "x = files()\n"), 1)
        self.assertEqual(count(tidy.check_licence, "docs/a.md", "words\n"), 0)

    def test_paths_of_one_machine(self):
        for bad in ("/wo" + "rk/main/x", "cd /ho" + "me/me/x", '"/ro' + 'ot/.cache"'):
            self.assertEqual(count(tidy.check_machine, "docs/a.md", bad + "\n"), 1, bad)
        for good in ("/tmp/x", "src/work/x", "a/home/b/", "/usr/bin/env", "/home"):
            self.assertEqual(count(tidy.check_machine, "docs/a.md", good + "\n"), 0, good)


class Shape(unittest.TestCase):
    def function(self, lines, head="static int f(void)"):
        return head + "\n{\n" + "    x();\n" * lines + "}\n"

    def test_long_functions_are_found(self):
        self.assertEqual(count(tidy.check_length, "src/a/b.c", self.function(70)), 0)
        found = run(tidy.check_length, "src/a/b.c", "int a;\n\n" + self.function(71))
        self.assertEqual(found, [(4, "f has 71 lines; the most is 70")])

    def test_long_files_are_found(self):
        self.assertEqual(count(tidy.check_length, "src/a/b.c", "x;\n" * 1000), 0)
        self.assertEqual(count(tidy.check_length, "src/a/b.c", "x;\n" * 1001), 1)
        self.assertEqual(count(tidy.check_length, "docs/a.md", "x\n" * 900), 0)

    def test_functions_are_told_from_tables(self):
        text = ("#define X 1\nstatic const int T[] = {\n    1,\n};\n\n"
                "tutti_status\ntt_a_b(\n    int x,\n    int y)\n{\n    return 0;\n}\n"
                "static void c(void (*f)(int))\n{\n}\n")
        names = [(name, is_static) for name, _, _, is_static in
                 tidy.functions_of(tidy.File("src/a/b.c", text))]
        self.assertEqual(names, [("tt_a_b", False), ("c", True)])

    def test_deep_nesting_is_found(self):
        def nested(depth):
            body = "".join("    " * (i + 1) + "if (x) {\n" for i in range(depth))
            body += "".join("    " * i + "}\n" for i in range(depth, 0, -1))
            return "static int f(void)\n{\n" + body + "}\n"
        self.assertEqual(count(tidy.check_nesting, "src/a/b.c", nested(4)), 0)
        self.assertEqual(run(tidy.check_nesting, "src/a/b.c", nested(5)),
                         [(7, "f is nested 5 deep; the most is 4")])
        lists = ("static void f(void)\n{\n    for (;;) {\n        static const struct {\n"
                 "            int x;\n        } list[] = {\n            {\n                1,\n"
                 "            },\n        };\n        if (a) {\n            if (b) {\n"
                 "                if (c) {\n                    g(&(t){\n                        1,\n"
                 "                    });\n                }\n            }\n        }\n"
                 "    }\n}\n")
        self.assertEqual(run(tidy.check_nesting, "src/a/b.c", lists), [])

    def test_guards(self):
        good = HEAD + "#ifndef TT_BUS_BUS_H\n#define TT_BUS_BUS_H\nint x;\n#endif\n"
        self.assertEqual(count(tidy.check_guard, "src/bus/bus.h", good), 0)
        self.assertEqual(count(tidy.check_guard, "src/bus/timers.h", good), 1)
        self.assertEqual(count(tidy.check_guard, "src/bus/bus.h", HEAD + "int x;\n"), 1)
        self.assertEqual(count(tidy.check_guard, "src/bus/bus.h", good + "int y;\n"), 1)
        self.assertEqual(count(tidy.check_guard, "tests/lib/test.h", good), 0)


class Project(unittest.TestCase):
    def single(self, *files):
        return [f.name for f in tidy.check_single([tidy.File(*pair) for pair in files])]

    def test_a_function_for_one_file_alone_is_found(self):
        header = ("src/a/a.h", "int tt_a_b(void);\nint tt_a_c(void);\n")
        source = ("src/a/a.c", "int tt_a_b(void)\n{\n    return tt_a_c();\n}\n"
                  "int tt_a_c(void)\n{\n    return 1;\n}\n")
        user = ("src/b/b.c", "int x(void)\n{\n    return tt_a_b();\n}\n")
        self.assertEqual(self.single(header, source, user), ["tt_a_c"])
        self.assertEqual(self.single(header, source), ["tt_a_b", "tt_a_c"])

    def test_use_in_a_test_or_in_the_body_of_a_header_counts(self):
        source = ("src/a/a.c", "int tt_a_b(void)\n{\n    return 1;\n}\n")
        test = ("tests/unit/a/test_a.c", "x = tt_a_b();\n")
        inline = ("src/a/a.h", "int tt_a_b(void);\nstatic inline int f(void)\n{\n"
                  "    return tt_a_b();\n}\n")
        macro = ("src/a/a.h", "#define CALL() \\\n    tt_a_b()\n")
        public = ("include/tutti/a.h", "int tt_a_b(void);\n")
        for user in (test, inline, macro, public):
            self.assertEqual(self.single(source, user), [], user)

    def test_a_source_file_without_a_test_is_found(self):
        def names(*paths, text=""):
            files = [tidy.File(path, text) for path in paths]
            return [f.path for f in tidy.check_tested(files)]
        self.assertEqual(names("src/a/b.c"), ["src/a/b.c"])
        self.assertEqual(names("src/a/b.c", "tests/unit/a/test_b.c"), [])
        self.assertEqual(names("src/a/a_b.c", "tests/unit/a/test_b.c"), [])
        self.assertEqual(names("src/a/b.c", "tests/unit/c/test_b.c"), ["src/a/b.c"])
        told = "/** @file\n * Orders.\n * Covers: b.c, c.c\n */\n"
        self.assertEqual(names("src/a/b.c", "src/a/c.c", "tests/unit/a/orders.c", text=told), [])

    def test_each_check_reports_its_own_rule(self):
        rules = {f.rule for f in tidy.check_all([tidy.File("src/bus/a.c", "double x = rand();\t")])}
        self.assertEqual(rules, {"float", "banned", "layout", "licence", "tested"})


class Exceptions(unittest.TestCase):
    LIST = "# words\nfloat src/a/b.c -- a reason\nlength src/a/c.c:f -- a table\n"

    def test_the_list_is_read(self):
        known, wrong = tidy.parse_exceptions(self.LIST + "float src/a/d.c\n")
        self.assertEqual(known, {("float", "src/a/b.c", ""): "a reason",
                                 ("length", "src/a/c.c", "f"): "a table"})
        self.assertEqual(len(wrong), 1)

    def test_an_exception_excuses_its_finding_alone(self):
        known, _ = tidy.parse_exceptions(self.LIST)
        findings = [tidy.Finding("float", "src/a/b.c", 1, "", ""),
                    tidy.Finding("length", "src/a/c.c", 1, "f", ""),
                    tidy.Finding("length", "src/a/c.c", 9, "g", ""),
                    tidy.Finding("banned", "src/a/b.c", 1, "atoi", "")]
        left, served = tidy.excuse(findings, known)
        self.assertEqual([f.line for f in left], [9, 1])
        self.assertEqual(served, set(known))

    def test_the_list_is_reproducible(self):
        known, _ = tidy.parse_exceptions(self.LIST)
        shuffled = dict(reversed(list(known.items())))
        self.assertEqual(tidy.render_exceptions(known), tidy.render_exceptions(shuffled))
        self.assertEqual(tidy.parse_exceptions(tidy.render_exceptions(known))[0], known)


if __name__ == "__main__":
    unittest.main()
