#!/usr/bin/python3
"""Perl's IO::Socket::SSL and Net::SSLeay, both ends, on either library."""

import os

from lib import (DEADLINE, HOST, PAIRS, PEERS, Pki, Server, Skip, Tap, VERSIONS, contains, expect,
                 free_port, need, run)

PEER = PEERS / "tls.pl"


def on_library(output, library):
    """Fails the case unless the program told that `library` was mapped."""
    seen = [os.path.realpath(line.split()[1]) for line in output.splitlines()
            if line.startswith("libssl ")]
    expect(seen == [library.path], f"{seen} mapped, not {library.path}", output)


def talk(pki, client, server, version):
    perl = need("perl")
    if run(client, perl, "-MIO::Socket::SSL", "-e1").status != 0:
        raise Skip("IO::Socket::SSL is not installed")
    port, name = free_port(), version.replace(".", "_")
    with Server(server, [perl, PEER, "server", str(port), pki.cert, pki.key, name],
                ready="listening") as peer:
        result = run(client, perl, PEER, "client", str(port), pki.ca, HOST, name)
        expect(result.status == 0, "the client failed", f"{result.text}\n{peer.output()}")
        expect(peer.process.wait(DEADLINE) == 0, "the server failed", peer.output())
        output = result.out.decode("ascii")
        on_library(output, client)
        on_library(peer.output(), server)
        for reused in ("0", "1"):
            contains(output, f"client {name} {HOST} capitals {reused} SOME TEXT")
            # Of a resumed TLS 1.2 session a server knows the name it accepted in a callback alone.
            known = "none" if version == "TLSv1.2" and reused == "1" else HOST
            contains(peer.output(), f"server {name} {known} capitals {reused}")


def main():
    tap = Tap()
    with Pki() as pki:
        for client, server in PAIRS:
            for version in VERSIONS:
                tap.case(f"IO::Socket::SSL, client {client}, server {server}, {version}", talk, pki,
                         client, server, version)
    tap.end()


main()
