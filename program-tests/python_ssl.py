#!/usr/bin/python3
"""Debian's python3 with its ssl module, both ends, on either library."""

import hashlib
import json
import os

from lib import (DEADLINE, HOST, OURS, PAIRS, PEERS, PYTHON, Pki, Server, Tap, VERSIONS, expect,
                 free_port, run)

MODES = ("blocking", "nonblocking", "asyncio")
SIZE = 1_000_000
SHA256 = hashlib.sha256(hashlib.shake_128(b"echo").digest(SIZE)).hexdigest()
PEER = PEERS / "python_tls.py"


def talk(client, server, client_mode, server_mode, client_options, server_options):
    """Runs both ends; what each saw, as they printed it."""
    shared = {"port": free_port(), "size": SIZE}
    with Server(server, [PYTHON, PEER, "server", server_mode,
                         json.dumps(shared | server_options)], ready="listening") as peer:
        result = run(client, PYTHON, PEER, "client", client_mode,
                     json.dumps(shared | client_options))
        expect(result.status == 0, "the client failed", f"{result.text}\nserver:\n{peer.output()}")
        expect(peer.process.wait(DEADLINE) == 0, "the server failed", peer.output())
        seen = json.loads(result.out), json.loads(peer.output().splitlines()[-1])
    for end, library in zip(seen, (client, server)):
        paths = [os.path.realpath(path) for path in end["libssl"]]
        expect(paths == [library.path], f"{paths} mapped, not {library.path}")
    return seen


def options(pki, version, alpn):
    return ({"version": version, "alpn": ["a", *alpn], "ca": str(pki.ca), "host": HOST},
            {"version": version, "alpn": ["x", *alpn], "cert": str(pki.cert), "key": str(pki.key)})


def echo(pki, client, server, client_mode, server_mode, version):
    seen = talk(client, server, client_mode, server_mode, *options(pki, version, ["b"]))
    for end in seen:
        expect(end.get("sha256") == SHA256, "the data changed", str(seen))
        expect(end["version"] == version, "wrong version", str(seen))
        expect(end["alpn"] == "b", "wrong ALPN", str(seen))
    bindings = [end["binding"] for end in seen]
    expect(bindings[0] and bindings[0] == bindings[1], "the channel bindings differ", str(seen))
    expect(seen[0]["cipher"] == seen[1]["cipher"], "the ends differ in the cipher", str(seen))
    expect(seen[0]["peer"] == HOST and seen[1]["peer"] is None, "wrong peer", str(seen))


def client_certificate(pki, client, server, mode, version):
    client_options, server_options = options(pki, version, [])
    own = {"cert": str(pki.client_cert), "key": str(pki.client_key)}
    seen = talk(client, server, mode, mode, client_options | own,
                server_options | {"ca": str(pki.ca)})
    expect(seen[1].get("peer") == "client.test" and seen[0].get("sha256") == SHA256, "wrong",
           str(seen))


def refused(pki, client, server, mode, version):
    for change, code in (({"ca": str(pki.wrong_ca)}, 20), ({"host": "wrong.test"}, 62)):
        client_options, server_options = options(pki, version, [])
        seen = talk(client, server, mode, mode, client_options | change, server_options)
        expect(seen[0].get("refused") == code, f"not refused for {code}", str(seen))
        want = "TLSV1_ALERT_UNKNOWN_CA" if code == 20 else "SSLV3_ALERT_BAD_CERTIFICATE"
        expect(seen[1].get("error") == want, f"the server did not see {want}", str(seen))


def main():
    tap = Tap()
    with Pki() as pki:
        for client, server in PAIRS:
            for version in VERSIONS:
                where = f"{version} client {client}, server {server}"
                for client_mode in MODES:
                    for server_mode in MODES:
                        if client_mode == server_mode or client is OURS and server is OURS:
                            tap.case(f"{where}: {client_mode} to {server_mode}", echo, pki, client,
                                     server, client_mode, server_mode, version)
                for mode in MODES:
                    tap.case(f"{where}: {mode} client certificate", client_certificate, pki, client,
                             server, mode, version)
                tap.case(f"{where}: wrong CA and host refused", refused, pki, client, server,
                         "blocking", version)
    tap.end()


if __name__ == "__main__":
    main()
