#!/usr/bin/python3
"""A program that adds an extension to the hellos (SSL_CTX_add_custom_ext), with its like on the
other library: what ours adds and takes out, OpenSSL's Finished has to agree with."""

import pathlib
import re
import tempfile

from lib import PEERS, VERSIONS, OURS, SYSTEM, Pki, Server, Tap, contains, expect, need, run

CONTEXT = {"TLSv1.2": "100", "TLSv1.3": "400"}


def compiled(folder):
    program = pathlib.Path(folder) / "extensions"
    result = run(SYSTEM, need("gcc"), "-O1", "-o", program, PEERS / "extensions.c",
                 "-Wl,--no-as-needed", "-lssl", "-lcrypto")
    expect(result.status == 0, "does not compile", result.text)
    return program


def both(pki, program, client, server, version):
    with Server(server, [program, "server", "the answer", pki.cert, pki.key],
                ready="port ") as peer:
        port = re.search(r"port (\d+)", peer.output()).group(1)
        result = run(client, program, "client", "the question", pki.ca, version, port)
        expect(result.status == 0, "the client failed", result.text + peer.output())
        contains(result.text, f"got 1000 in {CONTEXT[version]}: the answer", "resumed 0",
                 "resumed 1")
        peer.wait_for("got 1000 in 80: the question")


def main():
    tap = Tap()
    with Pki() as pki, tempfile.TemporaryDirectory(prefix="program-tests-") as folder:
        program = compiled(folder)
        for version in VERSIONS:
            for client, server in ((OURS, SYSTEM), (SYSTEM, OURS), (OURS, OURS)):
                tap.case(f"{version} client {client}, server {server}: an extension each way",
                         both, pki, program, client, server, version)
    tap.end()


if __name__ == "__main__":
    main()
