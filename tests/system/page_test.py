#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The status page beside the interface: page_test.py TUTTI CONFIG.

Every address that the page asks is one that a viewer may ask, every member that it shows is in the answer, every element
that its program names is in its text, every command that it names is one of the program's.

Covers: api/api_page.c
"""
import json
import re
import sys
import tempfile

from api_test import Session, run, wait_for

# Lists that a session of this length fills; the others have the shape of their empty answer.
FILLED = {"positions", "fills", "orders", "equity", "alerts", "commands"}


def lists_of(page):
    """Address and members of each list: `name: ["/api/v1/...", (r) => ... x.member ...],`."""
    text = page[page.index("const lists = {"):page.index("const stale")]
    found = {}
    for name, address, code in re.findall(r'^  (\w+): \["([^"]+)", (.*)\],$', text, re.M):
        found[name] = (address, set(re.findall(r"\bx\.(\w+)", code)))
    return found


def check_lists(session, page, viewer):
    lists = lists_of(page)
    assert FILLED < set(lists) and "approvals" in lists, sorted(lists)
    for name, (address, members) in lists.items():
        if name in FILLED:
            wait_for(lambda at=address: session.get(at, viewer)[2]["items"])
        code, _, answer = session.get(address, viewer)
        assert code == 200 and members, (name, code, answer)
        for item in answer["items"]:
            missing = members - set(item) - ({"task"} if name == "commands" else set())
            assert not missing, f"{name}: {missing} in {item}"


def check_status(page, session, viewer):
    """What `show` takes of the status that the stream sends."""
    code = page[page.index("function show("):page.index("const lists")]
    answers = {"s": "coordinator/status", "a": "account", "b": "bus", "r": "risk/state"}
    for letter, address in answers.items():
        status, _, answer = session.get("/api/v1/" + address, viewer)
        assert status == 200
        for path in set(re.findall(rf"\b{letter}\.([a-z_]+(?:\.[a-z_]+)*)", code)):
            at = answer
            for part in path.split("."):
                if isinstance(at, list) or part in ("replace", "slice"):
                    break
                assert part in at, f"{address} has no {path}"
                at = at[part]


def check_text(page):
    names = set(re.findall(r'byId\("(\w+)"\)', page))
    ids = set(re.findall(r'id="(\w+)"', page))
    assert names <= ids, f"no element {names - ids}"
    commands = set(re.findall(r"^  ([a-z][a-z-]*) ", run("--help"), re.M))
    named = set(re.findall(r"<code>tutti ([a-z-]+)", page))
    assert named <= commands and {"approve", "close", "why"} <= named, named - commands


def main():
    with tempfile.TemporaryDirectory() as folder:
        session = Session(folder, "api.limit_default=0", "api.limit_moderate=0")
        page = session.get("/", None)[2]
        viewer = json.loads(run("token", "add", "watcher", "viewer", "--out", session.out, "--json"))["token"]
        wait_for(lambda: session.get("/api/v1/account", viewer)[0] == 200)
        session.command("coordinator/task/sentiment_analysis/disable")
        check_text(page)
        check_lists(session, page, viewer)
        check_status(page, session, viewer)
        session.stop()


if __name__ == "__main__":
    sys.exit(main())
