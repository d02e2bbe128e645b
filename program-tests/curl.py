#!/usr/bin/python3
"""`curl`, unmodified, as a client of servers on either library."""

import re
import tempfile

from lib import (HOST, OURS, PAIRS, PEERS, PYTHON, Nginx, Pki, Server, Tap, VERSIONS, contains,
                 expect, free_port, need, on, run, silent_server)

REFUSED = 60  # CURLE_PEER_FAILED_VERIFICATION
PINNED = {"TLSv1.2": ["--tlsv1.2", "--tls-max", "1.2"], "TLSv1.3": ["--tlsv1.3"]}


def https(library, pki, version, *client_ca):
    """A Python server, and its port."""
    port = free_port()
    return Server(library, [PYTHON, PEERS / "https_server.py", port, pki.cert, pki.key, version,
                            *client_ca], ready=port), port


def curl(library, pki, port, *args, ca=None, host=HOST, path="/about"):
    return run(library, need("curl"), "-sS", "--max-time", 20, "--cacert", ca or pki.ca,
               "--resolve", f"{host}:{port}:127.0.0.1", *args, f"https://{host}:{port}{path}")


def trusted(pki, client, server, version):
    peer, port = https(server, pki, version)
    with peer:
        result = curl(client, pki, port, "-v", *PINNED[version])
        expect(result.status == 0, "curl failed", result.text)
        contains(result.text, f"SSL connection using {version} / ", "SSL certificate verify ok",
                 f"subject: CN={HOST}", f"{version} ", "ALPN: server accepted http/1.1")
        agreed = re.search(r"SSL connection using \S+ / (\S+)", result.text)[1]
        contains(result.out.decode(), f"{version} {agreed} [-]")


def refused(pki, client, server, version):
    peer, port = https(server, pki, version)
    with peer:
        result = curl(client, pki, port, ca=pki.wrong_ca)
        expect(result.status == REFUSED, "wrong CA", result.text)
        contains(result.text, "unable to get local issuer certificate")
        result = curl(client, pki, port, host="wrong.test")
        expect(result.status == REFUSED, "wrong host name", result.text)
        contains(result.text, "no alternative certificate subject name matches")
        result = curl(client, pki, port, "-k", ca=pki.wrong_ca, host="wrong.test")
        expect(result.status == 0, "-k", result.text)


def client_certificate(pki, client, server, version):
    peer, port = https(server, pki, version, pki.ca)
    with peer:
        result = curl(client, pki, port, "--cert", pki.client_cert, "--key", pki.client_key)
        expect(result.status == 0, "curl failed", result.text)
        contains(result.out.decode(), "[client.test]")
        # In TLS 1.3 the client is done before the server refuses, and may be about to send.
        failures = (35,) if version == "TLSv1.2" else (35, 55, 56)
        result = curl(client, pki, port)
        expect(result.status in failures, "without a certificate", result.text)
        if version == "TLSv1.2":
            contains(result.text, "alert handshake failure")


def http2(pki, client, server, version):
    with tempfile.TemporaryDirectory() as root, Nginx(server, pki, root, protocols=version) as peer:
        peer.workers()
        for flag, protocol, accepted in (("--http2", "HTTP/2.0", "h2"),
                                         ("--http1.1", "HTTP/1.1", "http/1.1")):
            result = curl(client, pki, peer.port, "-v", flag)
            expect(result.status == 0, f"{flag}: curl failed", result.text)
            contains(result.text, f"ALPN: server accepted {accepted}",
                     f"SSL connection using {version} / ")
            expect(re.search(rf"^{re.escape(version)} \S+ {protocol} ", result.out.decode()),
                   f"not {protocol}", result.text)


def mapped(pki):
    with silent_server() as port, Server(OURS, [need("curl"), "-sS", "--cacert", pki.ca,
                                                f"https://127.0.0.1:{port}/"]) as client:
        on(OURS, client.pid)


CASES = (("--cacert, -v, --http1.1", trusted), ("wrong CA and wrong host name: exit code 60", refused),
         ("client certificate", client_certificate), ("h2 and --http1.1 by ALPN", http2))


def main():
    tap = Tap()
    with Pki() as pki:
        tap.case("curl maps our libssl.so.3", mapped, pki)
        for client, server in PAIRS:
            for version in VERSIONS:
                for name, function in CASES:
                    tap.case(f"{version} client {client}, server {server}: {name}", function, pki,
                             client, server, version)
    tap.end()


if __name__ == "__main__":
    main()
