#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile requests to a living session: hostile_test.py TUTTI CONFIG [SEED].

Good requests with bytes changed, cut, doubled and put in, at random but repeatable; requests that smuggle a second one;
more connections than there is room for; readers that do not read. Nothing that comes without a token acts, the session
lives, answers those who have one, goes on trading, and its journal verifies.
"""
import json
import random
import socket
import sys
import tempfile
import time

from api_test import Session, run, wait_for

ROUNDS = 1500


def talk(session, data, wait=10):
    """What comes back before the server closes, or falls silent after a whole answer."""
    host, port = session.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # Refused before its end.
        reply = b""
        try:
            while True:
                piece = connection.recv(65536)
                if not piece:
                    return reply
                reply += piece
        except ConnectionResetError:
            return reply


def request(method, path, token=None, body=b"", more=""):
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(data) + 1)
        how = rng.randrange(6)
        if how == 0 and data:
            data[place % len(data)] = rng.randrange(256)
        elif how == 1:
            data[place:place] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 8)))
        elif how == 2:
            del data[place:place + rng.randint(1, 16)]
        elif how == 3:
            data[place:place] = data[:rng.randint(1, 64)]
        elif how == 4:
            data[place:place] = rng.choice([b"\r\n", b"\n", b"\0", b"\r", b" ", b":", b"%", b"../", b"Content-Length: 9\r\n",
                                            b"Transfer-Encoding: chunked\r\n", b"\xff\xfe", b"{", b"\"", b"Host: x\r\n"])
        else:
            data = data[:place]
    return bytes(data)


def test_random_bytes(session, seed):
    """Whatever comes, the answer is HTTP with a known code, or the connection ends."""
    rng = random.Random(seed)
    viewer = session.token
    seeds = [request("GET", "/api/v1/orders?limit=5&symbol=BTC%2FUSDT", viewer), request("GET", "/"),
             request("POST", "/api/v1/coordinator/pause", None, b'{"reason": "x", "request_id": 5}'),
             request("POST", "/api/v1/coordinator/task/ta_analysis/enable", viewer, json.dumps({"reason": "y"}).encode()),
             request("POST", "/api/v1/positions/1/close", viewer, b'{"confirmation": "00000000000000000000000000000000"}')]
    known = {b"200", b"201", b"202", b"400", b"401", b"403", b"404", b"405", b"409", b"413", b"415", b"417", b"421", b"422",
             b"431", b"501", b"503", b"505"}
    for number in range(ROUNDS):
        data = mutate(rng, rng.choice(seeds))
        reply = talk(session, data)
        assert reply == b"" or (reply.startswith(b"HTTP/1.1 ") and reply[9:12] in known | {b"100"}), (seed, number, data, reply)
        assert session.process.poll() is None, (seed, number, data)


def test_smuggled(session):
    """A body is never taken for a request, nor a request for a body."""
    before = len(session.get("/api/v1/commands", session.token)[2]["items"])
    inner = request("POST", "/api/v1/coordinator/halt", session.token)
    for head in ("Content-Length: 0\r\nContent-Length: {0}\r\n", "Transfer-Encoding: chunked\r\nContent-Length: {0}\r\n",
                 "Content-Length: {0}\r\nTransfer-Encoding: identity\r\n", "Content-Length : {0}\r\n",
                 "Content-Length: {0}\r\n Content-Length: 0\r\n", "Transfer-Encoding:\tchunked\r\n"):
        outer = f"POST /healthz HTTP/1.1\r\nHost: localhost\r\n{head.format(len(inner))}\r\n".encode()
        reply = talk(session, outer + inner)
        assert reply.count(b"HTTP/1.1 ") == 1 and reply[9:12] in (b"400", b"501"), (head, reply)
    assert len(session.get("/api/v1/commands", session.token)[2]["items"]) == before


def test_crowd(session):
    """Three hundred connections that say half a request do not keep others out."""
    host, port = session.address.rsplit(":", 1)
    held = []
    for _ in range(300):
        connection = socket.create_connection((host, int(port)), timeout=10)
        connection.sendall(b"GET /api/v1/or")
        held.append(connection)
    assert session.get("/api/v1/whoami", session.token)[0] == 200
    for connection in held:
        connection.close()


def test_readers_that_do_not_read(session):
    """Streams and long lists that nobody takes: others are answered, and memory stays."""
    host, port = session.address.rsplit(":", 1)
    held = []
    for _ in range(24):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((host, int(port)))
        connection.sendall(request("GET", "/api/v1/events", session.token) + request("GET", "/metrics", session.token) * 20)
        held.append(connection)
    for _ in range(20):
        assert session.get("/api/v1/coordinator/status", session.token)[0] == 200
        time.sleep(0.1)
    for connection in held:
        connection.close()
    with open(f"/proc/{session.process.pid}/status", encoding="utf-8") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    assert resident < 400 * 1024, resident


def test_wrong_types(session):
    """Bodies that are JSON, but not what was asked for."""
    bodies = [b"[" * 2000, b"{\"reason\": " + b"{\"a\":" * 100, b"null", b"1e999", b'{"request_id": 1e3}', b'{"reason": null}',
              b'{"request_id": "' + b"9" * 400 + b'"}', b'{"reason": "' + b"x" * 100000 + b'"}', b"\xef\xbb\xbf{}",
              b'{"confirmation": 5}', b'{"\\u0072eason": "escaped", "reason": "twice"}', b"x" * (1 << 20)]
    for body in bodies:
        reply = talk(session, request("POST", "/api/v1/coordinator/pause", session.token, body))
        assert reply[9:12] == b"400", (body[:40], reply[:200])


def main():
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory(prefix="tutti-hostile-") as folder:
        session = Session(folder, "api.limit_default=0", "api.limit_moderate=0", "api.limit_expensive=0",
                          "clock.speed=600")
        try:
            test_smuggled(session)
            test_wrong_types(session)
            test_random_bytes(session, seed)
            test_crowd(session)
            test_readers_that_do_not_read(session)
            metrics = session.get("/metrics", session.token)[1]
            assert metrics is not None
            bars = session.get("/api/v1/coordinator/status", session.token)[2]["time"]
            wait_for(lambda: session.get("/api/v1/coordinator/status", session.token)[2]["time"] > bars)
            session.stop()
        finally:
            session.process.kill()
        run("verify", session.out)
        lines = [json.loads(line) for line in run("journal", "dump", session.out, "coordinator_commands").splitlines()]
        assert all(line["payload"]["actor"] == "local" for line in lines), "what came without a token did nothing"
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
