#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The interface of a living session over real HTTP: api_test.py TUTTI CONFIG.

Every route times every role, commands and what they leave in the journal, tokens that come and go, the stream; then the
journal verifies, replays, and explains what people did.

Covers: cli/cmd_token.c
"""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

TUTTI, CONFIG = sys.argv[1:3]
PATIENCE = 60
ROLES = ["none", "viewer", "trader", "admin"]


def run(*words, status=0, env=None):
    result = subprocess.run([TUTTI, *words], capture_output=True, text=True, check=False, env=env)
    assert result.returncode == status, f"{words}: exit {result.returncode}\n{result.stdout}{result.stderr}"
    return result.stdout + ("" if status == 0 else result.stderr)


class Session:
    """A paper session in a folder of its own."""

    def __init__(self, folder, *settings):
        self.folder = folder
        self.out = os.path.join(folder, "session")
        self.settings = [word for setting in settings for word in ("--set", setting)]
        self.start()

    def start(self):
        words = ["run", CONFIG, "--out", self.out, "--quiet", "--set", "api.listen=127.0.0.1:0", *self.settings]
        log = open(os.path.join(self.folder, "log"), "a", encoding="utf-8")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen([TUTTI, *words], stdout=log, stderr=log)  # pylint: disable=consider-using-with
        end = time.monotonic() + PATIENCE
        while not os.path.exists(os.path.join(self.out, "api.address")):
            assert self.process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.02)
        with open(os.path.join(self.out, "api.address"), encoding="utf-8") as file:
            self.address = file.read().strip().removeprefix("http://")
        with open(os.path.join(self.out, "api.token"), encoding="utf-8") as file:
            self.token = file.read().strip()
        while self.get("/readyz", None)[0] != 200:
            assert time.monotonic() < end, self.log()
            time.sleep(0.02)

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return file.read()

    def ask(self, method, path, token, body=None):
        """(code, headers, answer) of a request; the answer is read as JSON if it is."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        headers = {} if token is None else {"Authorization": "Bearer " + token}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        try:
            connection.request(method, path, body=body, headers=headers)
            reply = connection.getresponse()
            text = reply.read().decode()
        finally:
            connection.close()
        is_json = "json" in reply.headers["Content-Type"]
        return reply.status, reply.headers, json.loads(text) if is_json else text

    def get(self, path, token):
        return self.ask("GET", path, token)

    def command(self, path, body=None, token=None, code=200):
        """Sends a command, with a confirmation where one is needed."""
        token = token or self.token
        status, _, answer = self.ask("POST", "/api/v1/" + path, token, body)
        if status == 400 and "confirmation" in answer["title"]:
            place, _, query = path.partition("?")
            confirm = f"/api/v1/{place}/confirm" + ("?" + query if query else "")
            status, _, made = self.ask("POST", confirm, token)
            assert status == 201, made
            body = dict(body or {}, confirmation=made["confirmation"])
            status, _, answer = self.ask("POST", "/api/v1/" + path, token, body)
        assert status == code, (path, status, answer)
        return answer

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.log()
        assert not os.path.exists(os.path.join(self.out, "api.address"))

    def kill(self):
        self.process.kill()
        self.process.wait()
        os.remove(os.path.join(self.out, "api.address"))


def make_tokens(session):
    """A token of each role."""
    tokens = {"none": None}
    for role in ROLES[1:]:
        tokens[role] = json.loads(run("token", "add", "t_" + role, role, "--out", session.out, "--json"))["token"]
    time.sleep(2.2)  # The session looks at the file once a second.
    return tokens


def fill(path):
    """A path with something in place of its parameters."""
    return path.replace("{name}", "regime_detection").replace("{id}", "999999999")


def test_every_route_for_every_role(session, tokens):
    """Allowed is whoever has the role of the row; nobody else, and nobody without a token."""
    code, _, document = session.get("/api/v1/openapi.json", tokens["viewer"])
    assert code == 200 and document["openapi"].startswith("3.1")
    rows = [(path, method, row) for path, row_of in document["paths"].items() for method, row in row_of.items()]
    assert len(rows) > 45, len(rows)
    public = []
    for path, method, row in rows:
        needed = ROLES.index(row["x-tutti-role"])
        if needed == 0:
            public.append(path)
        for role in ROLES:
            is_stream = path.endswith("/events") and ROLES.index(role) >= needed
            verb = "HEAD" if is_stream else method.upper()  # It never ends; the test of the stream reads it.
            code, headers, answer = session.ask(verb, fill(path), tokens[role])
            place = f"{method} {path} as {role}: {code} {answer}"
            if ROLES.index(role) >= needed:
                assert code not in (401, 403, 429, 500, 501, 504), place
                assert code < 400 or headers["Content-Type"] == "application/problem+json", place
            else:
                assert code == (401 if role == "none" else 403), place
                assert answer["status"] == code, place
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
    assert sorted(public) == ["/", "/healthz", "/readyz"], public
    # Every path in every other method is refused, and says what it takes.
    for path in document["paths"]:
        code, headers, _ = session.ask("DELETE", fill(path), tokens["admin"])
        assert code == 405 and headers["Allow"], path


def test_every_command_leaves_its_trace(session, tokens):
    """What is told is what the core did; actor, role and reason are in the journal."""
    session.command("coordinator/release", token=tokens["admin"])  # The matrix halted it.
    assert session.command("coordinator/resume", token=tokens["admin"])["outcome"] == "done"
    assert session.command("coordinator/halt", {"reason": "a drill"}, tokens["trader"])["role"] == "trader"
    refused = session.command("coordinator/resume", token=tokens["admin"], code=409)
    assert "halted" in refused["detail"], refused
    refused = session.command("coordinator/pause", token=tokens["admin"], code=409)
    assert "does not release" in refused["detail"], refused
    status = session.get("/api/v1/coordinator/status", tokens["viewer"])[2]
    assert status["state"] == "halted", status["state"]
    assert session.command("coordinator/release", token=tokens["admin"])["outcome"] == "done"
    assert session.command("coordinator/resume", token=tokens["admin"])["message"] == "running"
    for task in [row["name"] for row in status["scheduled_tasks"]]:
        for verb, enabled in (("disable", False), ("enable", True)):
            answer = session.command(f"coordinator/task/{task}/{verb}", {"reason": "switch"}, tokens["admin"])
            assert answer["task"] == task and answer["outcome"] == "done", answer
            wait_for(lambda: task_row(session, tokens, task)["enabled"] is enabled)
    # Every task can be run by its name: it is asked, or the core says why not.
    for task in [row["name"] for row in status["scheduled_tasks"]]:
        symbol = "" if task == "portfolio_check" else "?symbol=" + urllib.parse.quote("BTC/USDT")
        code, _, answer = session.ask("POST", f"/api/v1/coordinator/task/{task}/run{symbol}", tokens["trader"])
        assert code in (200, 409) and answer["task"] == task, (task, code, answer)
    assert session.command("positions/1/close", token=tokens["trader"], code=404)["outcome"] == "not_found"
    assert session.command("orders/1/cancel", token=tokens["trader"], code=404)["outcome"] == "not_found"
    assert session.command("approvals/1/approve", token=tokens["trader"], code=404)["outcome"] == "not_found"
    commands = session.get("/api/v1/commands", tokens["viewer"])[2]["items"]
    assert commands[0]["command"] == "approve" and commands[0]["actor"] == "t_trader", commands[0]


def task_row(session, tokens, task):
    rows = session.get("/api/v1/coordinator/status", tokens["viewer"])[2]["scheduled_tasks"]
    return next(row for row in rows if row["name"] == task)


def wait_for(is_true):
    end = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_position_is_closed_by_hand(session, tokens):
    """Waits for a position, closes it by its id, and sees it flat with the reason operator."""
    def find_open():
        return session.get("/api/v1/positions?status=open", tokens["viewer"])[2]["items"]
    wait_for(find_open)
    position = find_open()[0]["position_id"]
    one = session.get(f"/api/v1/positions/{position}", tokens["viewer"])
    assert one[0] == 200 and one[2]["position_id"] == position, one
    code, _, answer = session.ask("POST", f"/api/v1/positions/{position}/close", tokens["trader"])
    assert code == 400, answer
    path = f"positions/{position}/close"
    code, _, made = session.ask("POST", f"/api/v1/{path}/confirm", tokens["trader"])
    code, _, answer = session.ask("POST", "/api/v1/" + path, tokens["trader"], {"confirmation": made["confirmation"]})
    assert code in (200, 404), answer  # It may have been stopped out meanwhile.
    wait_for(lambda: session.get(f"/api/v1/positions/{position}", tokens["viewer"])[2]["is_open"] is False)
    closed = session.get(f"/api/v1/positions/{position}", tokens["viewer"])[2]
    if code == 200:
        assert closed["exit_reason"] == "operator", closed


def test_a_stream_tells_what_happens(session, tokens):
    """A reader of the stream sees its own command, and the status."""
    connection = http.client.HTTPConnection(session.address, timeout=30)
    connection.request("GET", "/api/v1/events", headers={"Authorization": "Bearer " + tokens["viewer"]})
    reply = connection.getresponse()
    assert reply.status == 200 and reply.headers["Content-Type"] == "text/event-stream"
    session.command("coordinator/pause", {"reason": "stream"}, tokens["admin"])
    seen, text = set(), b""
    end = time.monotonic() + PATIENCE
    while not {"status", "coordinator_commands", "command_replies"} <= seen:
        assert time.monotonic() < end, seen
        text += reply.read1(65536)
        *blocks, text = text.split(b"\n\n")
        for block in blocks:
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if ": " in line and line[0] != ":")
            if "data" in fields:
                json.loads(fields["data"])
                seen.add(fields["event"])
    connection.close()
    session.command("coordinator/resume", token=tokens["admin"])


def test_tokens_come_and_go(session, tokens):
    """A revoked token ends while the session runs; a new one works; names are unique; secrets are shown once."""
    assert session.get("/api/v1/whoami", tokens["viewer"])[0] == 200
    run("token", "revoke", "t_viewer", "--out", session.out)
    wait_for(lambda: session.get("/api/v1/whoami", tokens["viewer"])[0] == 401)
    listed = run("token", "list", "--out", session.out)
    assert "t_viewer" not in listed and "t_admin" in listed and tokens["admin"] not in listed, listed
    assert "there is no token" in run("token", "revoke", "t_viewer", "--out", session.out, status=3)
    assert "already" in run("token", "add", "t_admin", "admin", "--out", session.out, status=3)
    assert "no role" in run("token", "add", "x", "root", "--out", session.out, status=3)
    tokens["viewer"] = run("token", "add", "t_viewer", "viewer", "--out", session.out).strip()
    wait_for(lambda: session.get("/api/v1/whoami", tokens["viewer"])[0] == 200)


def test_the_journal_tells_it_all(session, tokens):
    """Verified, replayed to the same bytes, explained; no secret in it, in the log, or anywhere else."""
    run("verify", session.out)
    run("replay", session.out, "--json")
    lines = [json.loads(line) for line in run("journal", "dump", session.out, "coordinator_commands").splitlines()]
    halts = [line for line in lines if line["payload"]["command"] == "halt" and line["payload"]["reason"] == "a drill"]
    assert len(halts) == 1 and halts[0]["payload"]["actor"] == "t_trader" and halts[0]["payload"]["role"] == "trader"
    replies = [json.loads(line) for line in run("journal", "dump", session.out, "command_replies").splitlines()]
    of_bus = [json.loads(line) for line in run("journal", "dump", session.out, "bus_commands").splitlines()]
    assert of_bus and of_bus[0]["payload"]["command"] == "release", of_bus  # The matrix asked for it.
    asked = [line["payload"]["request_id"] for line in lines + of_bus]
    assert sorted(asked) == sorted(line["payload"]["request_id"] for line in replies), "each command has one reply"
    reply = next(line for line in replies if line["payload"]["request_id"] == halts[0]["payload"]["request_id"])
    why = run("why", "--journal", os.path.join(session.out, "journal"), str(reply["seq"]))
    assert "t_trader" in why and "a drill" in why, why
    reply = next(line for line in replies if line["payload"]["request_id"] == of_bus[0]["payload"]["request_id"])
    why = run("why", "--journal", os.path.join(session.out, "journal"), str(reply["seq"]))
    assert "t_admin asked the bus for release of " in why, why
    secrets = [secret.encode()[15:] for secret in [session.token, *tokens.values()] if secret]
    for folder, _, names in os.walk(session.folder):
        for name in names:
            if name != "api.token":
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                assert not any(secret in content for secret in secrets), name
                assert not re.search(rb"#key=", content), name


def test_a_killed_session_keeps_what_it_told(session, tokens):
    """What was answered as done is there after kill -9; tokens and address are found again."""
    session.start()
    answer = session.command("coordinator/pause", {"reason": "before the kill", "request_id": 4711}, tokens["admin"])
    session.kill()
    lines = run("journal", "dump", session.out, "command_replies").splitlines()
    assert any(json.loads(line)["seq"] == answer["reply_seq"] for line in lines)
    session.start()
    assert session.get("/api/v1/coordinator/status", tokens["viewer"])[2]["state"] == "paused"
    # The same number again: the answer of the first time, from the read model; nothing is sent.
    def is_logged():
        code, _, found = session.get("/api/v1/commands/4711", tokens["viewer"])
        return code == 200 and found["outcome"] == "done"
    wait_for(is_logged)
    code, headers, again = session.ask("POST", "/api/v1/coordinator/pause", tokens["admin"], {"request_id": 4711})
    assert code == 200 and headers["Idempotent-Replayed"] == "true", (code, again)
    assert again["reply_seq"] == answer["reply_seq"] and again["message"] == answer["message"], (again, answer)
    assert again["reason"] == "before the kill" and again["actor"] == "t_admin", again
    assert session.ask("POST", "/api/v1/coordinator/resume", tokens["admin"], {"request_id": 4711})[0] == 422
    log = session.get("/api/v1/command_log?id=4711", tokens["viewer"])[2]
    assert log["total"] == 1, log
    session.stop()
    run("verify", session.out)


def test_starts_that_must_fail(folder):
    """Without tokens no address that others can reach; a file that others may read; a named file that is not there."""
    out = os.path.join(folder, "never")
    words = ["run", CONFIG, "--out", out, "--quiet", "--set"]
    text = run(*words, "api.listen=0.0.0.0:0", status=4)
    assert "others can reach" in text and "tutti token add" in text, text
    text = run(*words, f"api.tokens={folder}/absent", "--set", "api.listen=127.0.0.1:0", status=4)
    assert "absent" in text, text
    tokens = os.path.join(folder, "open.tokens")
    run("token", "add", "me", "admin", "--tokens", tokens)
    os.chmod(tokens, 0o644)
    text = run(*words, f"api.tokens={tokens}", "--set", "api.listen=127.0.0.1:0", status=5)
    assert "chmod 600" in text, text
    assert not os.path.exists(os.path.join(out, "journal"))


def main():
    with tempfile.TemporaryDirectory(prefix="tutti-api-") as folder:
        session = Session(folder, "api.limit_default=0", "api.limit_moderate=0", "api.limit_expensive=0",
                          "clock.speed=600")
        try:
            tokens = make_tokens(session)
            test_every_route_for_every_role(session, tokens)
            test_every_command_leaves_its_trace(session, tokens)
            test_a_stream_tells_what_happens(session, tokens)
            test_a_position_is_closed_by_hand(session, tokens)
            test_tokens_come_and_go(session, tokens)
            session.stop()
            test_the_journal_tells_it_all(session, tokens)
            test_a_killed_session_keeps_what_it_told(session, tokens)
        finally:
            session.process.kill()
        test_starts_that_must_fail(folder)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
