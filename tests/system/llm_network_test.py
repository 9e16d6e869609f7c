#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The way to a language model: llm_network_test.py TUTTI DATA_FOLDER, in the source folder.

TLS with a certificate authority made here: a server that it signed is believed; without it, with another one, under another name,
out of date or in the clear beyond this machine, nothing is sent. A proxy is used when the configuration names one and only then; it
sees where the call goes, and neither key nor prompt. Skips (exit 77) where the data or openssl is absent.

Covers: net/http_client.c
"""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import llm_server  # noqa: E402
from llm_test import DATA, KEY, check_no_key, cut_data, dump, run, write_config  # noqa: E402


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def make_authority(folder, name):
    """A certificate authority; returns the path of its certificate."""
    path = os.path.join(folder, name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path + ".key", "-out",
            path + ".pem", "-days", "2", "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE")
    return path + ".pem"


def make_server(folder, authority, name, host, days=1):
    """A certificate for a host that the authority signed, as a context for a server; `days` < 0: it is over."""
    path = os.path.join(folder, name)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path + ".key", "-out", path + ".csr",
            "-subj", f"/CN={host}")
    with open(path + ".ext", "w", encoding="utf-8") as file:
        file.write(f"subjectAltName=DNS:{host}\n")
    openssl("x509", "-req", "-in", path + ".csr", "-CA", authority, "-CAkey", authority[:-4] + ".key", "-CAcreateserial", "-out",
            path + ".pem", "-days", str(days), "-extfile", path + ".ext")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path + ".pem", path + ".key")
    return context


class Proxy:
    """Tunnels what CONNECT asks for, and keeps what it was told."""

    def __init__(self):
        self.heads = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.tunnel, args=(client,), daemon=True).start()

    def tunnel(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            part = client.recv(4096)
            if not part:
                return
            head += part
        self.heads.append(head)
        host, _, port = head.split()[1].decode().rpartition(":")
        target = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=self.copy, args=(target, client), daemon=True).start()
        self.copy(client, target)

    def copy(self, source, target):
        try:
            while True:
                part = source.recv(65536)
                if not part:
                    break
                self.heads.append(part)
                target.sendall(part)
        except OSError:
            pass
        target.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # Or the one that waits in accept takes one more.
        self.listener.close()


def backtest(folder, name, url, data, env=(), **provider):
    """A run with this provider; returns the answers of the arbiter."""
    config = write_config(folder, url, key_env="TEST_LLM_KEY", retries=0, **provider)
    out = os.path.join(folder, name)
    run("backtest", config, "--data", data, "--out", out, "--quiet", "--json", env={"TEST_LLM_KEY": KEY, **dict(env)})
    check_no_key(out)
    answers = [m["payload"] for m in dump(out, "agent_answers") if m["source"] == "arbiter"]
    assert answers, "nobody was asked"
    return answers


def all_ok(answers):
    return all(answer["status"] == "ok" for answer in answers)


def check_tls(folder, data, authority, other):
    server = llm_server.Server("ok", tls=make_server(folder, authority, "good", "localhost"))
    assert server.url.startswith("https://localhost:")
    assert all_ok(backtest(folder, "tls", server.url, data, ca_file=authority)) and server.requests
    asked = len(server.requests)
    for name, trusted in (("system", "none"), ("other", other)):
        answers = backtest(folder, name, server.url, data, ca_file=trusted)
        assert all(a["status"] == "error" and "certificate" in a["error"].lower() for a in answers), answers[0]
    # The certificate is for localhost, not for the number.
    answers = backtest(folder, "number", server.url.replace("localhost", "127.0.0.1"), data, ca_file=authority)
    assert all(a["status"] == "error" and "certificate" in a["error"].lower() for a in answers), answers[0]
    assert len(server.requests) == asked, "something was sent to a server that is not trusted"
    server.close()
    late = llm_server.Server("ok", tls=make_server(folder, authority, "late", "localhost", days=-1))
    answers = backtest(folder, "late", late.url, data, ca_file=authority)
    assert all(a["status"] == "error" and "certificate" in a["error"].lower() for a in answers), answers[0]
    assert not late.requests
    late.close()


def check_proxy(folder, data, authority):
    server = llm_server.Server("ok", tls=make_server(folder, authority, "behind", "localhost"))
    proxy = Proxy()
    answers = backtest(folder, "proxy", server.url, data, ca_file=authority, proxy=proxy.url)
    assert all_ok(answers) and len(server.requests) == len(answers)
    seen = b"".join(proxy.heads)
    assert proxy.heads[0].startswith(b"CONNECT localhost:")
    assert KEY.encode() not in seen and b"settle conflicts" not in seen, "the proxy saw what is secret"
    connections = len(proxy.heads)
    # The environment does not decide: neither a proxy that it names, nor an exception.
    env = {"https_proxy": proxy.url, "ALL_PROXY": proxy.url}
    assert all_ok(backtest(folder, "direct", server.url, data, env=env, ca_file=authority))
    assert len(proxy.heads) == connections, "a proxy of the environment was used"
    assert all_ok(backtest(folder, "still", server.url, data, env={"no_proxy": "*"}, ca_file=authority, proxy=proxy.url))
    assert len(proxy.heads) > connections, "an exception of the environment was followed"
    gone = proxy.url
    proxy.close()
    answers = backtest(folder, "gone", server.url, data, ca_file=authority, proxy=gone)
    assert all(a["status"] == "error" for a in answers), answers[0]
    server.close()


def check_clear(folder):
    """Beyond this machine nothing goes in the clear: the configuration is refused."""
    config = write_config(folder, "http://192.0.2.1/v1/chat/completions")
    failed = subprocess.run([sys.argv[1], "config", "check", config], capture_output=True, text=True, check=False)
    assert failed.returncode != 0 and "https" in failed.stdout + failed.stderr, failed


def main():
    if not os.path.isdir(DATA) or shutil.which("openssl") is None:
        print("skipped: no market data, or no openssl")
        return 77
    with tempfile.TemporaryDirectory(prefix="tutti-llm-network-") as folder:
        data = cut_data(folder)
        authority, other = make_authority(folder, "authority"), make_authority(folder, "other")
        check_tls(folder, data, authority, other)
        check_proxy(folder, data, authority)
        check_clear(folder)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
