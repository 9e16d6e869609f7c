# SPDX-License-Identifier: Apache-2.0
"""What suites of the whole program share: a folder of their own, counted checks, and a last line that meson can trust."""
import hashlib
import json
import os
import subprocess

TIMEOUT_S = 120


def tree(folder):
    """Names and digests of all that lies below a folder."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


class Suite:
    """Checks on one program, in one folder. A check that fails is printed and counted; the suite goes on."""

    def __init__(self, tutti, folder):
        self.tutti, self.folder = tutti, folder
        self.count = self.failed = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        """Writes a file of the folder, text or bytes; returns its path."""
        with open(self.path(name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return self.path(name)

    def run(self, *words, status=0):
        """Runs the program and expects this exit status; with None any."""
        result = subprocess.run([self.tutti, *words], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        self.expect(status in (None, result.returncode), f"{words}: exit {result.returncode} instead of {status}\n"
                    f"{result.stdout[-500:]}\n{result.stderr[-1000:]}")
        return result

    def dump(self, path, *words):
        """The messages of a journal, as `tutti journal dump` says them."""
        return [json.loads(line) for line in self.run("journal", "dump", path, "--json", *words).stdout.splitlines()]

    def expect(self, condition, what, seen=""):
        self.count += 1
        if not condition:
            self.failed += 1
            print(f"FAILED {what}" + (f": {str(seen)[:600]}" if seen else ""))

    def equal(self, found, wanted, what):
        self.expect(found == wanted, f"{what}: {str(found)[:600]} instead of {str(wanted)[:600]}")

    def end(self):
        """Prints the count; the exit status of the suite."""
        print(f"{self.count} checks, {self.failed} failed")
        return 1 if self.failed or not self.count else 0
