#!/usr/bin/python3
"""Clients, unmodified, that resume: with sessions in memory, in files, and shared by processes."""

import json
import pathlib
import subprocess
import tempfile
import time

from lib import (HOST, OURS, PAIRS, PEERS, PYTHON, SYSTEM, VERSIONS, Nginx, Pki, Server, Tap,
                 contains, expect, need, run)
from openssl_cli import SServer, s_client, trust

TIMES = 4
# Who writes the file, who reads it, and who serves both.
FILES = [(writer, reader, server) for writer, reader in PAIRS for server in (OURS, SYSTEM)]
REUSED = "location /reused { return 200 \"$ssl_protocol $ssl_session_reused\\n\"; }"


def files(pki, writer, reader, server, version):
    """s_client -sess_out, then -sess_in, twice: a file is no worse for having been read."""
    with tempfile.TemporaryDirectory() as folder, \
            SServer(server, pki, "-rev", "-alpn", "h2") as peer:
        file = pathlib.Path(folder) / "session"
        status, out = s_client(writer, peer, version, *trust(pki), "-sess_out", file)
        expect(status == 0 and f"New, {version}" in out, "the first connection", out)
        for _ in range(2):
            status, out = s_client(reader, peer, version, *trust(pki), "-sess_in", file)
            expect(status == 0, f"s_client ended with {status}", out)
            contains(out, f"Reused, {version}", "Verify return code: 0 (ok)", "olleh")


def reconnect(pki, client, server):
    """TLS 1.3's tickets come too late for -reconnect, on either library."""
    with SServer(server, pki, "-rev") as peer:
        status, out = s_client(client, peer, "TLSv1.2", *trust(pki), "-reconnect")
        expect(status == 0, f"s_client ended with {status}", out)
        expect(out.count("Reused, TLSv1.2") == 5, "not five reconnections", out)


def lines(version):
    """What /reused says to a client that resumes whenever it can."""
    return [f"{version} ."] + [f"{version} r"] * (TIMES - 1)


def curl(pki, client, server, version):
    urls = [f"https://{HOST}:{server.port}/reused"] * TIMES
    result = run(client, need("curl"), "-sS", "--max-time", 20, "--cacert", pki.ca, "--resolve",
                 f"{HOST}:{server.port}:127.0.0.1", "-H", "Connection: close", "--http1.1",
                 f"--tls{version[3:].lower()}", *urls)
    expect(result.out.decode().splitlines() == lines(version), "not resumed", result.text)


def python(pki, client, server, version):
    options = {"version": version, "ca": str(pki.ca), "host": HOST, "port": server.port,
               "path": "/reused", "count": TIMES}
    result = run(client, PYTHON, PEERS / "python_session.py", json.dumps(options))
    expect(result.status == 0, "the client failed", result.text)
    seen = json.loads(result.out)
    expect(seen == [[line.endswith("r"), line] for line in lines(version)], "not resumed", str(seen))


def proxy(pki, client, server, version):
    """nginx keeps its upstream sessions in memory shared by its two workers."""
    shared = f"upstream shared {{ zone shared 64k; server 127.0.0.1:{server.port}; }}"
    directives = f"""location /reused {{
        proxy_pass https://shared; proxy_ssl_name {HOST}; proxy_ssl_server_name on;
        proxy_set_header Host {HOST}; proxy_ssl_protocols {version};
        proxy_ssl_verify on; proxy_ssl_trusted_certificate {pki.ca}; }}"""
    with Nginx(client, pki, "/", directives, servers=shared) as front:
        front.workers()
        seen = []
        # Each its own curl: the kernel spreads them over the workers.
        for _ in range(4 * TIMES):
            result = run(SYSTEM, need("curl"), "-sS", "--max-time", 20, "--cacert", pki.ca,
                         "--resolve", f"{HOST}:{front.port}:127.0.0.1",
                         f"https://{HOST}:{front.port}/reused")
            seen.append(result.out.decode().strip())
        expect(seen == [f"{version} ."] + [f"{version} r"] * (4 * TIMES - 1), "not resumed",
               f"{seen}\n{front.output()}")


def with_server(tap, pki, client, library):
    # One worker's tickets are the other's: their keys are made before they part. curl does not
    # resume TLS 1.2, on either library.
    with Nginx(library, pki, "/", REUSED) as server:
        for version in VERSIONS:
            cases = [("python", python), ("nginx as proxy", proxy)]
            if version == "TLSv1.3":
                cases.append(("curl", curl))
            for name, case in cases:
                tap.case(f"{name}, {client} to {library} server, {version}", case, pki, client,
                         server, version)


def key_updates(pki, client, library):
    """s_client's and s_server's commands K and k: a KeyUpdate that is to be answered, or not."""
    with SServer(library, pki) as server:
        command = [need("openssl"), "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_3"]
        with Server(client, command, ready="Verify return code",
                    stdin=subprocess.PIPE) as other:
            ends = [(other, server), (server, other)]
            for turn, kinds in enumerate(("k", "K", "kk", "KK", "kK", "kkkKKK", "")):
                for sender, receiver in ends:
                    text = f"turn {turn} of {sender.pid}"
                    for line in (*kinds, text):
                        sender.process.stdin.write(f"{line}\n".encode())
                        sender.process.stdin.flush()
                        # A line is a command if it comes alone.
                        time.sleep(0.05)
                    receiver.wait_for(text)


def main():
    tap = Tap()
    with Pki() as pki:
        for writer, reader, server in FILES:
            for version in VERSIONS:
                tap.case(f"{writer} -sess_out, {reader} -sess_in, {server} server, {version}",
                         files, pki, writer, reader, server, version)
        for client, library in PAIRS:
            tap.case(f"key updates, {client} to {library} server", key_updates, pki, client, library)
            tap.case(f"-reconnect, {client} to {library} server", reconnect, pki, client, library)
            tap.group(f"{client} clients of nginx on {library}", with_server, tap, pki, client,
                      library)
    tap.end()


if __name__ == "__main__":
    main()
