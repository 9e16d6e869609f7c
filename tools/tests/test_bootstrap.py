# SPDX-License-Identifier: Apache-2.0
"""tools/bootstrap.sh against a dpkg, an apt-get and a sudo that only write down what is asked."""
import os
import stat
import subprocess
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bootstrap.sh")

DPKG = """#!/bin/sh
shift 2
for package; do
    [ -n "$MISSING" ] && echo " $MISSING " | grep -q " $package " || echo "installed $package"
done
"""
APT = """#!/bin/sh
echo "apt-get $*" >> "$CALLS"
if [ "$1" = install ] && [ "$FAILURES" -gt "$(grep -c install "$CALLS")" ]; then exit 100; fi
"""
SUDO = """#!/bin/sh
echo "sudo" >> "$CALLS"
exec "$@"
"""
ID = """#!/bin/sh
echo "$WHO"
"""


class Bootstrap(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.bin = os.path.join(self.folder.name, "bin")
        self.lists = os.path.join(self.folder.name, "lists")
        self.calls = os.path.join(self.folder.name, "calls")
        os.mkdir(self.bin)
        os.mkdir(self.lists)
        open(os.path.join(self.lists, "debian_Packages"), "w").close()
        for name, text in (("dpkg-query", DPKG), ("apt-get", APT), ("sudo", SUDO), ("id", ID)):
            self.write(name, text)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def run_script(self, *groups, missing="", who="0", failures="0", path=None):
        open(self.calls, "w").close()
        environment = {"PATH": path or f"{self.bin}:/usr/bin:/bin", "MISSING": missing, "WHO": who,
                       "CALLS": self.calls, "FAILURES": failures, "TUTTI_APT_LISTS": self.lists}
        result = subprocess.run(["/bin/sh", SCRIPT, *groups], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open(self.calls, encoding="utf-8") as calls:
            return result, calls.read().splitlines()

    def test_nothing_is_done_when_all_is_there(self):
        result, calls = self.run_script("build", "lint")
        self.assertEqual((result.returncode, result.stdout, calls), (0, "", []))

    def test_what_is_missing_is_installed_once(self):
        result, calls = self.run_script("build", "lint", missing="gcc cppcheck")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(calls, ["apt-get install -y -q --no-install-recommends gcc cppcheck"])

    def test_lint_tools_are_not_needed_to_build(self):
        _, calls = self.run_script("build", missing="cppcheck")
        self.assertEqual(calls, [])

    def test_sudo_is_for_others_than_root(self):
        _, calls = self.run_script(missing="gcc", who="1000")
        self.assertEqual(calls[0], "sudo")

    def test_empty_lists_are_updated_first(self):
        os.remove(os.path.join(self.lists, "debian_Packages"))
        _, calls = self.run_script(missing="gcc")
        self.assertEqual([call.split()[1] for call in calls], ["update", "install"])

    def test_old_lists_are_updated_once(self):
        result, calls = self.run_script(missing="gcc", failures="2")
        self.assertEqual([call.split()[1] for call in calls], ["install", "update", "install"])
        self.assertEqual(result.returncode, 0)
        result, calls = self.run_script(missing="gcc", failures="9")
        self.assertEqual(len(calls), 3)
        self.assertEqual(result.returncode, 1)
        self.assertIn("could not install gcc", result.stderr)

    def test_an_unknown_group_is_refused(self):
        result, _ = self.run_script("everything")
        self.assertEqual(result.returncode, 1)
        self.assertIn("unknown group 'everything'", result.stderr)


if __name__ == "__main__":
    unittest.main()
