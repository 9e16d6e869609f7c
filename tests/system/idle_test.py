#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a session takes that has little to do: idle_test.py TUTTI PEER CONFIG.

Resident memory and the time of a start, beside the budgets of the design (15 MB, 50 ms), and beside a process
with the same libraries that does nothing. The bound of the time here is generous, for a machine that does other
things as well; that of the memory is the budget.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

TUTTI, PEER, CONFIG = sys.argv[1:4]
RESIDENT_KIB = 15 * 1000 * 1000 // 1024
START_S = 1.0
PATIENCE_S = 60
STARTS = 5


def start(folder):
    """A session in a folder of its own, and the seconds until it can be asked."""
    out = os.path.join(folder, "session")
    address = os.path.join(out, "api.address")
    began = time.monotonic()
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        [TUTTI, "run", CONFIG, "--out", out, "--quiet", "--set", "api.listen=127.0.0.1:0",
         "--set", "clock.speed=1"], stdout=subprocess.DEVNULL)
    while not os.path.exists(address):
        assert process.poll() is None and time.monotonic() < began + PATIENCE_S, "the session did not start"
        time.sleep(0.001)
    return process, time.monotonic() - began


def stop(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0


def measure_peer():
    """KiB that are resident, and milliseconds, of a process with the same libraries that does nothing."""
    began = time.monotonic()
    told = subprocess.run([PEER], capture_output=True, text=True, check=True).stdout
    return int(told.split()[0]), (time.monotonic() - began) * 1000


def read(process, name):
    with open(f"/proc/{process.pid}/{name}", encoding="utf-8") as file:
        return file.read()


def main():
    seconds = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            process, took = start(folder)
            seconds.append(took)
            time.sleep(1)
            kib = int(re.search(r"VmRSS:\s+(\d+) kB", read(process, "status")).group(1))
            maps = read(process, "maps")
            stop(process)
        least, least_ms = measure_peer()
        print(f"resident {kib} KiB, {kib / least:.1f} x a process that does nothing ({least} KiB),"
              f" started in {took * 1000:.1f} ms ({least_ms:.1f} ms)")
        assert kib <= RESIDENT_KIB, f"{kib} KiB are resident; at most {RESIDENT_KIB}"
        # Loaded when somebody is called, which nobody here is.
        assert "libcrypto" in maps and "libcurl" not in maps and "libgnutls" not in maps, maps
    assert min(seconds) <= START_S, f"the quickest start took {min(seconds):.3f} s"


if __name__ == "__main__":
    main()
