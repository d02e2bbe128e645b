#!/usr/bin/python3
"""`openssl s_client` and `openssl s_server`, unmodified, with each other on either library."""

import subprocess
import time

from lib import (DEADLINE, HOST, OTHER_HOST, OURS, PAIRS, Failure, Pki, Server, Tap, VERSIONS,
                 contains, expect, free_port, need, on, run, silent_server)

FLAG = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}


class SServer(Server):
    """s_server, its standard input kept open: it ends at end of file there."""

    def __init__(self, library, pki, *args):
        self.port = free_port()
        command = [need("openssl"), "s_server", "-accept", f"127.0.0.1:{self.port}",
                   "-cert", pki.cert, "-key", pki.key, *args]
        super().__init__(library, command, ready="ACCEPT", stdin=subprocess.PIPE)


def s_client(library, server, version, *args, send="hello\n", until="olleh"):
    """Runs s_client; ends its input when `until`, a text received or a condition, is there, or at once
    with `send` None. Its exit status and all it said."""
    command = [need("openssl"), "s_client", "-connect", f"127.0.0.1:{server.port}",
               FLAG[version], *args]
    with Server(library, command, stdin=subprocess.PIPE) as client:
        if send:
            client.process.stdin.write(send.encode())
            client.process.stdin.flush()
        end = time.monotonic() + DEADLINE
        reached = until if callable(until) else lambda: until in client.output()
        while not reached() and client.process.poll() is None:
            if time.monotonic() > end:
                raise Failure(f"never reached: {until}\n{client.output()}\n{server.output()}")
            time.sleep(0.02)
        try:
            client.process.stdin.close()
        except BrokenPipeError:
            pass
        return client.process.wait(DEADLINE), client.output()


def trust(pki, ca=None, host=HOST):
    return ["-CAfile", ca or pki.ca, "-verify_return_error", "-verify_hostname", host]


def echo(pki, client, server, version):
    with SServer(server, pki, "-rev", "-alpn", "http/1.1,h2") as peer:
        status, out = s_client(client, peer, version, *trust(pki), "-servername", HOST,
                               "-alpn", "h2,http/1.1")
        expect(status == 0, f"s_client ended with {status}", out)
        contains(out, "olleh", "Verify return code: 0 (ok)", f"New, {version}, Cipher is ",
                 "ALPN protocol: http/1.1", f"subject=CN = {HOST}", "Verified peername: " + HOST)


def no_alpn(pki, client, server, version):
    with SServer(server, pki, "-rev") as peer:
        status, out = s_client(client, peer, version, *trust(pki))
        expect(status == 0, f"s_client ended with {status}", out)
        contains(out, "olleh", "No ALPN negotiated", "Verify return code: 0 (ok)")


def server_name(pki, client, server, version):
    second = ["-servername", OTHER_HOST, "-cert2", pki.other_cert, "-key2", pki.other_key]
    with SServer(server, pki, "-rev", *second) as peer:
        for host in (OTHER_HOST, HOST):
            status, out = s_client(client, peer, version, *trust(pki, host=host),
                                   "-servername", host)
            expect(status == 0, f"{host}: s_client ended with {status}", out)
            contains(out, f"subject=CN = {host}", "Verify return code: 0 (ok)")


def wrong_ca(pki, client, server, version):
    with SServer(server, pki, "-rev") as peer:
        status, out = s_client(client, peer, version, *trust(pki, ca=pki.wrong_ca), send=None,
                               until="never")
        expect(status == 1, f"s_client ended with {status}", out)
        contains(out, "verify error:num=20:unable to get local issuer certificate",
                 "certificate verify failed")
        peer.wait_for("tlsv1 alert unknown ca")


def wrong_host(pki, client, server, version):
    with SServer(server, pki, "-rev") as peer:
        status, out = s_client(client, peer, version, *trust(pki, host="wrong.test"), send=None,
                               until="never")
        expect(status == 1, f"s_client ended with {status}", out)
        contains(out, "verify error:num=62:hostname mismatch", "certificate verify failed")


def client_certificate(pki, client, server, version):
    ask = ["-Verify", "2", "-CAfile", pki.ca, "-verify_return_error"]
    own = ["-cert", pki.client_cert, "-key", pki.client_key]
    with SServer(server, pki, "-rev", *ask) as peer:
        status, out = s_client(client, peer, version, *trust(pki), *own)
        expect(status == 0, f"s_client ended with {status}", out)
        contains(out, "olleh", "Verify return code: 0 (ok)")
        peer.wait_for("verify return:1")
        peer.wait_for("CN = client.test")


def no_client_certificate(pki, client, server, version):
    ask = ["-Verify", "2", "-CAfile", pki.ca, "-verify_return_error"]
    with SServer(server, pki, "-rev", *ask) as peer:
        status, out = s_client(client, peer, version, *trust(pki), until="alert")
        expect(status == 1, f"s_client ended with {status}", out)
        contains(out, "alert handshake failure" if version == "TLSv1.2"
                 else "alert certificate required")
        peer.wait_for("peer did not return a certificate")


def www(pki, client, server, version):
    with SServer(server, pki, "-www") as peer:
        status, out = s_client(client, peer, version, *trust(pki), "-ign_eof",
                               send="GET / HTTP/1.0\r\n\r\n", until="</HTML>")
        expect(status == 0, f"s_client ended with {status}", out)
        contains(out, "HTTP/1.0 200 ok", "s_server -accept", "Ciphers supported in s_server binary",
                 "Ciphers common between both SSL end points", "</HTML>")


def cookie(pki, client, server, version):
    """s_server takes a ChangeCipherSpec before the second ClientHello for a failure, so there is none."""
    with SServer(server, pki, "-stateless", "-no_middlebox") as peer:
        status, out = s_client(client, peer, version, *trust(pki), "-no_middlebox",
                               until="New, TLSv1.3")
        expect(status == 0, f"s_client ended with {status}", out)
        contains(out, "Verify return code: 0 (ok)")
        peer.wait_for("DELAY")
        peer.wait_for("hello")


def external_key(pki, client, server, version):
    """No certificate on either side."""
    key = ["-psk", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "-psk_identity", "somebody"]
    with SServer(server, pki, "-rev", "-nocert", *key) as peer:
        status, out = s_client(client, peer, version, *key)
        expect(status == 0, f"s_client ended with {status}", out)
        contains(out, "olleh", "Reused, TLSv1.3, Cipher is ", "no peer certificate available")


def group(name):
    """A handshake on one group, the server's only one, which the client offers second."""

    def case(pki, client, server, version):
        with SServer(server, pki, "-rev", "-groups", name) as peer:
            status, out = s_client(client, peer, version, *trust(pki), "-groups", f"P-256:{name}")
            expect(status == 0, f"s_client ended with {status}", out)
            contains(out, "olleh", "Verify return code: 0 (ok)")

    return case


def mapped():
    with silent_server() as port, Server(OURS, [need("openssl"), "s_client", "-connect",
                                                f"127.0.0.1:{port}"]) as client:
        on(OURS, client.pid)


def ciphers():
    """The list of suites: those of TLS 1.3 and 1.2 that the engine has are among them."""
    result = run(OURS, need("openssl"), "ciphers", "-s", "-v")
    expect(result.status == 0, "openssl ciphers failed", result.text)
    contains(result.text, "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
             "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384")


CASES = (("echo, -alpn, -servername, -CAfile", echo), ("no ALPN", no_alpn),
         ("-servername chooses the certificate", server_name), ("wrong CA refused", wrong_ca),
         ("wrong host name refused", wrong_host), ("client certificate", client_certificate),
         ("-Verify without a certificate refused", no_client_certificate), ("s_server -www", www))


GROUPS = {"TLSv1.2": ("P-521", "X448", "brainpoolP384r1", "secp256k1"),
          "TLSv1.3": ("P-521", "X448", "ffdhe2048", "ffdhe8192")}


def main():
    tap = Tap()
    tap.case("s_client maps our libssl.so.3", mapped)
    with Pki() as pki:
        for client, server in PAIRS:
            for version in VERSIONS:
                for name, function in CASES:
                    tap.case(f"{version} client {client}, server {server}: {name}", function, pki,
                             client, server, version)
                if version == "TLSv1.3":
                    tap.case(f"{version} client {client}, server {server}: -stateless", cookie,
                             pki, client, server, version)
                    tap.case(f"{version} client {client}, server {server}: -psk", external_key,
                             pki, client, server, version)
                if client != server:
                    for name in GROUPS[version]:
                        tap.case(f"{version} client {client}, server {server}: group {name}",
                                 group(name), pki, client, server, version)
    tap.case("openssl ciphers on ours", ciphers)
    tap.end()


if __name__ == "__main__":
    main()
