#!/usr/bin/python3
"""Servers on our library resume the sessions of `openssl s_client` on the system's: s_server, nginx
with a cache that its workers share and with ticket keys, Apache with its own cache."""

import os
import pathlib
import subprocess
import tempfile
import time

from lib import (DEADLINE, HOST, OURS, SYSTEM, VERSIONS, Nginx, Pki, Server, Skip, Tap, contains, expect,
                 free_port, need)
from openssl_cli import FLAG, SServer, s_client

TICKET = "Post-Handshake New Session Ticket arrived"


def session_file(folder):
    return pathlib.Path(folder) / "session.pem"


def connect(server, version, done, *args):
    """Runs s_client on the system's library until `done`, given what it said, holds; all it said."""
    command = [need("openssl"), "s_client", "-connect", f"127.0.0.1:{server.port}", FLAG[version],
               *args]
    with Server(SYSTEM, command, stdin=subprocess.PIPE) as client:
        end = time.monotonic() + DEADLINE
        while not done(client.output()):
            expect(time.monotonic() < end, "never done", f"{client.output()}\n{server.output()}")
            time.sleep(0.02)
        client.process.stdin.close()
        client.process.wait(DEADLINE)
        return client.output()


def obtain(server, version, folder):
    """Connects and keeps the session."""
    file = session_file(folder)
    file.unlink(missing_ok=True)
    out = connect(server, version, lambda out: file.exists() and file.stat().st_size > 0,
                  "-sess_out", file)
    contains(out, f"New, {version}")
    return file


def reconnect(server, version, file, *args, wait=" Cipher is "):
    return connect(server, version, lambda out: wait in out, "-sess_in", file, *args)


def resumes(first, second, version, want=True):
    with tempfile.TemporaryDirectory() as folder:
        out = reconnect(second, version, obtain(first, version, folder))
        contains(out, f"{'Reused' if want else 'New'}, {version}")


# --- s_server ---

def s_server_resumes(pki, version, *options):
    with SServer(OURS, pki, *options) as server:
        resumes(server, server, version)


def num_tickets(pki, count):
    with SServer(OURS, pki, "-num_tickets", str(count), "-rev") as server:
        _, out = s_client(SYSTEM, server, "TLSv1.3")
        expect(out.count(TICKET) == count, f"{out.count(TICKET)} tickets", out)


def early_data(pki, option, replayed):
    """Early data is read once for each ticket unless replay is allowed."""
    with tempfile.TemporaryDirectory() as folder, \
            SServer(OURS, pki, "-early_data", *option) as server:
        text = pathlib.Path(folder) / "early"
        text.write_text("said too early\n", "ascii")
        file = obtain(server, "TLSv1.3", folder)
        out = reconnect(server, "TLSv1.3", file, "-early_data", text, wait="Early data was")
        contains(out, "Reused, TLSv1.3", "Early data was accepted")
        server.wait_for("said too early")
        out = reconnect(server, "TLSv1.3", file, "-early_data", text, wait="Early data was")
        contains(out, f"Early data was {'accepted' if replayed else 'rejected'}")


# --- nginx ---

def nginx_session(directives):
    def case(pki, root):
        with Nginx(OURS, pki, root, directives) as server:
            for version in VERSIONS:
                # Two workers: each is reached by one of several connections.
                for _ in range(4):
                    resumes(server, server, version)
    return case


def nginx_ticket_key(pki, root):
    """Two servers with one key resume each other's sessions; one with another does not."""
    keys = []
    for name in "ab":
        key = root / f"ticket-{name}"
        key.write_bytes(os.urandom(80))
        keys.append(f"ssl_session_ticket_key {key};")
    with Nginx(OURS, pki, root, keys[0]) as first, Nginx(OURS, pki, root, keys[0]) as second, \
            Nginx(OURS, pki, root, keys[1]) as other, Nginx(SYSTEM, pki, root, keys[0]) as system:
        for version in VERSIONS:
            resumes(first, second, version)
            resumes(first, other, version, want=False)
            # What is in a ticket each library has to itself; that of another is not an error.
            resumes(first, system, version, want=False)
            resumes(system, first, version, want=False)


def nginx_early_data(pki, root):
    directives = "ssl_early_data on; ssl_session_cache shared:S:1m; ssl_session_timeout 1h;"
    request = root / "request"
    request.write_text(f"GET /about HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n", "ascii")
    with Nginx(OURS, pki, root, directives) as server, tempfile.TemporaryDirectory() as folder:
        for _ in range(4):
            file = obtain(server, "TLSv1.3", folder)
            out = reconnect(server, "TLSv1.3", file, "-early_data", request, wait="HTTP/1.1 200")
            contains(out, "Reused, TLSv1.3", "Early data was accepted", "TLSv1.3 TLS_")


# --- Apache ---

APACHE = """
ServerName {host}
ServerRoot {folder}
PidFile {folder}/pid
Listen 127.0.0.1:{port}
ErrorLog /dev/stderr
{modules}
DocumentRoot {root}
SSLSessionCache shmcb:{folder}/cache(512000)
SSLSessionCacheTimeout 300
SSLSessionTickets {tickets}
<VirtualHost *:{port}>
  SSLEngine on
  SSLCertificateFile {cert}
  SSLCertificateKeyFile {key}
</VirtualHost>
"""
MODULES = ("mpm_prefork", "authz_core", "ssl", "socache_shmcb")


class Apache(Server):
    """Apache with several processes that share a cache of sessions."""

    def __init__(self, pki, root, tickets):
        program = need("apache2")
        folder = pathlib.Path("/usr/lib/apache2/modules")
        if not (folder / "mod_ssl.so").exists():
            raise Skip("mod_ssl is not installed")
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="program-tests-apache-")
        modules = "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so" for name in MODULES)
        config = pathlib.Path(self.folder.name) / "apache.conf"
        config.write_text(APACHE.format(host=HOST, folder=self.folder.name, port=self.port,
                                        modules=modules, root=root, tickets=tickets,
                                        cert=pki.cert, key=pki.key), "ascii")
        # At its end it signals the group it is in.
        super().__init__(OURS, [need("setsid"), program, "-DFOREGROUND", "-f", config],
                         ready=self.port)

    def stop(self):
        status = super().stop()
        self.folder.cleanup()
        return status


def apache(tickets):
    def case(pki, root):
        with Apache(pki, root, tickets) as server:
            for version in VERSIONS:
                for _ in range(4):
                    resumes(server, server, version)
    return case


NGINX = (
    ("nginx: ssl_session_cache shared", "ssl_session_cache shared:S:1m;"),
    ("nginx: shared cache without tickets",
     "ssl_session_cache shared:S:1m; ssl_session_tickets off;"),
)


def main():
    tap = Tap()
    with Pki() as pki, tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        root.chmod(0o755)
        for version in VERSIONS:
            tap.case(f"{version}: s_server resumes by ticket", s_server_resumes, pki, version)
            tap.case(f"{version}: s_server -no_ticket resumes from its cache", s_server_resumes, pki,
                     version, "-no_ticket")
        for count in (0, 1, 2, 5):
            tap.case(f"s_server -num_tickets {count}", num_tickets, pki, count)
        tap.case("s_server -early_data", early_data, pki, (), False)
        tap.case("s_server -early_data -no_anti_replay", early_data, pki, ("-no_anti_replay",), True)
        for name, directives in NGINX:
            tap.case(name, nginx_session(directives), pki, root)
        tap.case("nginx: ssl_session_ticket_key shared by two", nginx_ticket_key, pki, root)
        tap.case("nginx: ssl_early_data", nginx_early_data, pki, root)
        for tickets in ("on", "off"):
            tap.case(f"Apache: SSLSessionCache shmcb, SSLSessionTickets {tickets}", apache(tickets),
                     pki, root)
    tap.end()


if __name__ == "__main__":
    main()
