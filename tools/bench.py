#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and runs benchmarks: `tools/bench.py all`, or names: month is bench/bench_month.c.

`peers` fetches peers from other registries and measures them beside the bus; `all` leaves it out.

Each prints its table and writes out/bench/<name>.json. They run one after another, alone. bench/README.md says what
the rows mean.
"""
import glob
import json
import os
import subprocess
import sys


def names_of(folder):
    """Names of all benchmarks, from their source files."""
    files = sorted(glob.glob(os.path.join(folder, "bench_*.c")))
    return [os.path.basename(path)[len("bench_"):-len(".c")] for path in files]


# Libraries that are measured beside Tutti, by their names of pkg-config.
PEERS = ["ck", "liburcu-cds", "libzmq", "lmdb", "hiredis", "libnats"]


def new_peers():
    """Peers that are installed and that the build, which was set up before, does not know."""
    told = subprocess.run(["meson", "introspect", "build", "--dependencies"], stdout=subprocess.PIPE, text=True)
    if told.returncode != 0:
        return []
    known = {row["name"] for row in json.loads(told.stdout)}
    return [name for name in PEERS
            if name not in known and subprocess.run(["pkg-config", "--exists", name]).returncode == 0]


def main(arguments):
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    known = names_of("bench")
    if arguments == ["peers"]:
        build = subprocess.run(["ninja", "-C", "build", "bench/bench_bus"], check=False)
        return build.returncode or subprocess.run([sys.executable, "bench/peers/peers.py"], check=False).returncode
    wanted = known if arguments in ([], ["all"]) else arguments
    for name in wanted:
        if name not in known:
            print(f"bench: no benchmark '{name}'; there are {', '.join(known)}", file=sys.stderr)
            return 2
    if new_peers() and subprocess.run(["meson", "setup", "--reconfigure", "build"]).returncode != 0:
        return 1
    targets = [f"bench/bench_{name}" for name in wanted]
    if subprocess.run(["ninja", "-C", "build"] + targets).returncode != 0:
        return 1
    failed = [name for name in wanted if subprocess.run([f"build/bench/bench_{name}"]).returncode]
    if failed:
        print(f"bench: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
