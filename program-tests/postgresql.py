#!/usr/bin/python3
"""PostgreSQL, unmodified: verify-full, client certificates, SCRAM bound to the channel."""

import glob
import os
import pathlib
import shutil
import tempfile

from lib import (HOST, OURS, PAIRS, SYSTEM, VERSIONS, Pki, Server, Skip, Tap, contains, expect,
                 free_port, need, run)

USER = "postgres"
PASSWORD = "correct horse"
HBA = """
local all all trust
hostssl all postgres 127.0.0.1/32 scram-sha-256
hostssl all client 127.0.0.1/32 cert map=names
"""


def installed(program):
    """Debian keeps the server's programs in a folder for each version."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"))
    if not found or os.geteuid() != 0:
        raise Skip("no PostgreSQL, or nobody to run it as")
    return found[-1]


def as_user(*command):
    """It will not run as root."""
    return [need("setpriv"), f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]


class Postgres(Server):
    """A server of an empty cluster."""

    def __init__(self, library, pki):
        self.port, self.pki = free_port(), pki
        initdb, postgres = installed("initdb"), installed("postgres")
        self.folder = tempfile.TemporaryDirectory(prefix="program-tests-postgres-")
        folder = pathlib.Path(self.folder.name)
        shutil.chown(folder, USER, USER)
        data = folder / "data"
        result = run(SYSTEM, *as_user(initdb, "-D", data, "-U", USER, "--auth=trust", "-N"),
                     timeout=120)
        expect(result.status == 0, "initdb failed", result.text)
        shutil.copy(pki.key, folder / "key")
        shutil.chown(folder / "key", USER, USER)
        (folder / "key").chmod(0o600)
        (data / "pg_hba.conf").write_text(HBA, "ascii")
        (data / "pg_ident.conf").write_text("names client.test client\n", "ascii")
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "ssl": "on",
                    "unix_socket_directories": folder, "ssl_cert_file": pki.cert,
                    "ssl_key_file": folder / "key", "ssl_ca_file": pki.ca, "fsync": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        super().__init__(library, as_user(postgres, "-D", data, *options),
                         ready="ready to accept connections")
        made = run(SYSTEM, need("psql"), "-h", folder, "-p", self.port, "-U", USER, "-c",
                   f"ALTER USER {USER} PASSWORD '{PASSWORD}'", "-c", "CREATE USER client")
        expect(made.status == 0, "no users", made.text + self.output())

    def psql(self, client, statement, **options):
        words = {"host": HOST, "hostaddr": "127.0.0.1", "port": self.port, "user": USER,
                 "dbname": USER, "password": f"'{PASSWORD}'", "sslmode": "verify-full",
                 "sslrootcert": self.pki.ca, **options}
        return run(client, need("psql"), "-At", "-c", statement,
                   " ".join(f"{name}={value}" for name, value in words.items()))

    def stop(self):
        status = super().stop()
        self.folder.cleanup()
        return status


def connections(pki, client, library):
    told = "SELECT version, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    key = pki.path / "psql.key"
    shutil.copy(pki.client_key, key)
    key.chmod(0o600)
    own = {"user": "client", "sslcert": pki.client_cert, "sslkey": key}
    with Postgres(library, pki) as server:
        for version in VERSIONS:
            pinned = {"ssl_min_protocol_version": version, "ssl_max_protocol_version": version}
            contains(server.psql(client, told, channel_binding="require", **pinned).text,
                     "exit status 0", version)
            contains(server.psql(client, told, **own, **pinned).text, "exit status 0",
                     f"{version}|/CN=client.test")
            contains(server.psql(client, told, user="client", sslcert="/nonexistent",
                                 **pinned).text, "requires a valid client certificate")
        contains(server.psql(client, told, host="other.test").text, "does not match host name")
        contains(server.psql(client, told, sslrootcert=pki.wrong_ca).text,
                 "certificate verify failed")
        contains(server.psql(client, told, password="wrong").text, "authentication failed")
        rows = server.psql(client, "SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
        expect(rows.out == (b"x" * 1000 + b"\n") * 20000, "rows are wrong", rows.err.decode())


def main():
    tap = Tap()
    with Pki() as pki:
        for client, server in PAIRS:
            tap.case(f"psql on {client}, PostgreSQL on {server}", connections, pki, client, server)
    tap.end()


if __name__ == "__main__":
    main()
