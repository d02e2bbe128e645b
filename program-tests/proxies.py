#!/usr/bin/python3
"""stunnel, socat and HAProxy, unmodified: each side of a tunnel on our library or the system's,
the data checked."""

import contextlib
import hashlib
import pathlib
import socket
import ssl
import tempfile
import threading

from lib import (DEADLINE, HOST, OURS, PAIRS, VERSIONS, Pki, Server, Tap, expect,
                 free_port, need, run)

DATA = hashlib.shake_128(b"tunnel").digest(5_000_000)


class Echo:
    """A plain TCP server that sends back what it gets, connection by connection; or `instead`."""

    def __init__(self, instead=None):
        self.instead = instead
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._echo, args=(self.sock.accept()[0],),
                                 daemon=True).start()

    def _echo(self, peer):
        with peer, contextlib.suppress(OSError):
            while piece := peer.recv(65536):
                peer.sendall(self.instead or piece)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()


def send_all(sock):
    with contextlib.suppress(OSError):
        sock.sendall(DATA)


def through(port, log):
    """5 MB to the echo server behind `port` and back, and then another connection."""
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", port), DEADLINE) as sock:
            writer = threading.Thread(target=send_all, args=(sock,))
            writer.start()
            back = b""
            while len(back) < len(DATA) and (piece := sock.recv(1 << 20)):
                back += piece
            writer.join()
            expect(back == DATA, f"{len(back)} bytes of {len(DATA)} came back, or not the same",
                   log())


# --- stunnel ---

def stunnel(library, folder, name, port, lines):
    """A stunnel that takes connections at `port`."""
    config = folder / f"{name}.conf"
    text = ["foreground = yes", "pid =", "debug = 6", f"[{name}]", f"accept = 127.0.0.1:{port}",
            *lines]
    config.write_text("\n".join(text) + "\n", "ascii")
    return Server(library, [need("stunnel4"), config], ready="Configuration successful")


def stunnel_pair(pki, client, server, version):
    with Echo() as echo, tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        tls, plain = free_port(), free_port()
        limits = [f"sslVersionMin = {version}", f"sslVersionMax = {version}", f"CAfile = {pki.ca}",
                  "verifyChain = yes"]
        with stunnel(server, folder, "server", tls,
                     [f"connect = 127.0.0.1:{echo.port}", f"cert = {pki.cert}", f"key = {pki.key}",
                      *limits]) as behind, \
             stunnel(client, folder, "client", plain,
                     ["client = yes", f"connect = 127.0.0.1:{tls}", f"cert = {pki.client_cert}",
                      f"key = {pki.client_key}", f"checkHost = {HOST}", *limits]) as front:
            through(plain, lambda: front.output() + behind.output())
            behind.wait_for(version)


def stunnel_refuses(pki):
    """A client without a certificate gets nothing through."""
    with Echo() as echo, tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        tls, plain = free_port(), free_port()
        with stunnel(OURS, folder, "server", tls,
                     [f"connect = 127.0.0.1:{echo.port}", f"cert = {pki.cert}", f"key = {pki.key}",
                      f"CAfile = {pki.ca}", "verifyChain = yes"]) as behind, \
             stunnel(OURS, folder, "client", plain,
                     ["client = yes", f"connect = 127.0.0.1:{tls}"]):
            with socket.create_connection(("127.0.0.1", plain), DEADLINE) as sock:
                send_all(sock)
                with contextlib.suppress(OSError):
                    expect(sock.recv(1) == b"", "an answer came")
            behind.wait_for("peer did not return a certificate")


def ask(port, pki, cert, key, version):
    """What comes back through a TLS server, over the system's library."""
    context = ssl.create_default_context(cafile=pki.ca)
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion,
                                                                version.replace(".", "_"))
    context.load_cert_chain(cert, key)
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as plain, \
         context.wrap_socket(plain, server_hostname=HOST) as tls:
        tls.sendall(b"who am I?")
        return tls.recv(100)


def stunnel_redirects(pki, version):
    """A client that fails the verification gets to another server. stunnel remembers on the session
    who failed, and asks for that with each ticket."""
    with Echo() as echo, Echo(b"nobody") as other, tempfile.TemporaryDirectory() as work:
        tls = free_port()
        with stunnel(OURS, pathlib.Path(work), "server", tls,
                     [f"connect = 127.0.0.1:{echo.port}", f"redirect = 127.0.0.1:{other.port}",
                      f"cert = {pki.cert}", f"key = {pki.key}", f"CAfile = {pki.client_cert}",
                      "verifyPeer = yes"]) as server:
            for cert, key, answer in ((pki.client_cert, pki.client_key, b"who am I?"),
                                      (pki.other_cert, pki.other_key, b"nobody")):
                seen = ask(tls, pki, cert, key, version)
                expect(seen == answer, f"{seen}, not {answer}", server.output())


# --- socat ---

def socat_pair(pki, client, server, version):
    number = version.removeprefix("TLSv")
    limits = f"openssl-min-proto-version=TLS{number},openssl-max-proto-version=TLS{number}"
    with Echo() as echo:
        tls, plain = free_port(), free_port()
        listen = (f"openssl-listen:{tls},bind=127.0.0.1,fork,reuseaddr,cert={pki.cert},"
                  f"key={pki.key},cafile={pki.ca},verify=1,{limits}")
        connect = (f"openssl-connect:127.0.0.1:{tls},cert={pki.client_cert},"
                   f"key={pki.client_key},cafile={pki.ca},commonname={HOST},{limits}")
        with Server(server, [need("socat"), "-d", "-d", listen, f"tcp:127.0.0.1:{echo.port}"],
                    ready="listening on") as behind, \
             Server(client, [need("socat"), "-d", "-d",
                             f"tcp-listen:{plain},bind=127.0.0.1,fork,reuseaddr", connect],
                    ready="listening on") as front:
            through(plain, lambda: front.output() + behind.output())


def socat_pipe(pki):
    """Standard input through TLS to a file: the end of data is the end of the connection."""
    with tempfile.TemporaryDirectory() as work:
        tls, file = free_port(), pathlib.Path(work) / "received"
        with Server(OURS, [need("socat"), "-d", "-d", "-u",
                           f"openssl-listen:{tls},bind=127.0.0.1,cert={pki.cert},key={pki.key},"
                           "verify=0", f"open:{file},creat,trunc"], ready="listening on") as server:
            result = run(OURS, need("socat"), "-u", "-",
                         f"openssl-connect:127.0.0.1:{tls},cafile={pki.ca},commonname={HOST}",
                         stdin=DATA)
            expect(result.status == 0, "the client failed", result.text + server.output())
            server.process.wait(DEADLINE)
            expect(file.read_bytes() == DATA, "the file is not what was sent", server.output())


# --- HAProxy ---

HAPROXY = """
global
  tune.ssl.default-dh-param 2048
  log stderr local0
defaults
  mode tcp
  timeout connect 10s
  timeout client 30s
  timeout server 30s
listen {name}
  bind 127.0.0.1:{port} {bind}
  server next 127.0.0.1:{next} {server}
"""


def haproxy(library, folder, name, port, bind, behind, server):
    config = folder / f"{name}.cfg"
    config.write_text(HAPROXY.format(name=name, port=port, bind=bind, next=behind, server=server),
                      "ascii")
    return Server(library, [need("haproxy"), "-db", "-f", config], ready=port)


def haproxy_pair(pki, client, server, version):
    """One with a TLS frontend, one before it with a TLS backend."""
    with Echo() as echo, tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        both, both_client = folder / "both.pem", folder / "client.pem"
        both.write_bytes(pki.cert.read_bytes() + pki.key.read_bytes())
        both_client.write_bytes(pki.client_cert.read_bytes() + pki.client_key.read_bytes())
        tls, plain = free_port(), free_port()
        limits = f"ssl-min-ver {version} ssl-max-ver {version}"
        with haproxy(server, folder, "front", tls,
                     f"ssl crt {both} ca-file {pki.ca} verify required {limits}", echo.port,
                     "") as behind, \
             haproxy(client, folder, "back", plain, "", tls,
                     f"ssl crt {both_client} ca-file {pki.ca} verify required verifyhost {HOST} "
                     f"sni str({HOST}) {limits}") as front:
            through(plain, lambda: front.output() + behind.output())


PROGRAMS = {"stunnel": stunnel_pair, "socat": socat_pair, "HAProxy": haproxy_pair}


def main():
    tap = Tap()
    with Pki() as pki:
        for program, pair in PROGRAMS.items():
            for client, server in PAIRS:
                for version in VERSIONS:
                    tap.case(f"{program}, {client} to {server}, {version}: 5 MB and back, twice",
                             pair, pki, client, server, version)
        tap.case("stunnel refuses a client without certificate", stunnel_refuses, pki)
        for version in VERSIONS:
            tap.case(f"stunnel sends a client with a wrong certificate elsewhere, {version}",
                     stunnel_redirects, pki, version)
        tap.case("socat: a pipe to a file", socat_pipe, pki)
    tap.end()


if __name__ == "__main__":
    main()
