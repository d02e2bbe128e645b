#!/usr/bin/python3
"""Redis and MariaDB, unmodified: server and client each on our library or the system's, the data
checked."""

import hashlib
import os
import pathlib
import shutil
import tempfile

from lib import (HOST, OURS, PAIRS, SYSTEM, VERSIONS, Pki, Server, Skip, Tap, contains,
                 expect, free_port, need, run)

VALUE = hashlib.shake_128(b"value").hexdigest(500_000)


# --- Redis ---

class Redis(Server):
    """A redis-server that speaks TLS alone, and asks for certificates."""

    def __init__(self, library, pki, folder, version, *more):
        self.port, self.pki = free_port(), pki
        super().__init__(library, [
            need("redis-server"), "--port", "0", "--bind", "127.0.0.1", "--tls-port", self.port,
            "--tls-cert-file", pki.cert, "--tls-key-file", pki.key, "--tls-ca-cert-file", pki.ca,
            "--tls-client-cert-file", pki.client_cert, "--tls-client-key-file", pki.client_key,
            "--tls-protocols", version, "--save", "", "--repl-diskless-sync-delay", "0", "--dir", folder, *more],
            ready="Ready to accept connections")

    def cli(self, library, *args, stdin=b""):
        result = run(library, need("redis-cli"), "--tls", "--cacert", self.pki.ca, "--cert",
                     self.pki.client_cert, "--key", self.pki.client_key, "--sni", HOST,
                     "-h", "127.0.0.1", "-p", self.port, *args, stdin=stdin)
        expect(result.status == 0, "redis-cli failed", result.text + self.output())
        return result.out.decode()


def redis(pki, client, server, version):
    with tempfile.TemporaryDirectory() as folder, Redis(server, pki, folder, version) as store:
        expect(store.cli(client, "-x", "SET", "key", stdin=VALUE.encode()) == "OK\n", "not stored")
        expect(store.cli(client, "GET", "key") == VALUE + "\n", "another value came back")
        pipeline = "".join(f"SET k{i} {i * 7}\n" for i in range(2000))
        contains(store.cli(client, "--pipe", stdin=pipeline.encode()), "errors: 0, replies: 2000")
        expect(store.cli(client, "GET", "k1999") == "13993\n", "a piped value is wrong")
        contains(store.cli(client, "INFO", "server"), "redis_version")


def redis_many(pki):
    """Fifty clients at once."""
    benchmark = need("redis-benchmark")
    with tempfile.TemporaryDirectory() as folder, Redis(OURS, pki, folder, "TLSv1.3") as store:
        result = run(OURS, benchmark, "--tls", "--cacert", pki.ca, "--cert", pki.client_cert,
                     "--key", pki.client_key, "-h", "127.0.0.1", "-p", store.port, "-n", "5000",
                     "-c", "50", "-d", "3000", "-t", "set,get", "-q", timeout=60)
        contains(result.text, "exit status 0", "SET:", "GET:")
        contains(store.cli(OURS, "DBSIZE"), "1")


def redis_replica(pki):
    """A replica takes over the data through TLS."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, \
         Redis(OURS, pki, one, "TLSv1.3") as master:
        master.cli(SYSTEM, "-x", "SET", "key", stdin=VALUE.encode())
        with Redis(OURS, pki, two, "TLSv1.3", "--tls-replication", "yes", "--replicaof",
                   f"127.0.0.1 {master.port}") as replica:
            replica.wait_for("MASTER <-> REPLICA sync: Finished with success")
            expect(replica.cli(OURS, "GET", "key") == VALUE + "\n", "the replica has another value")


def redis_refuses(pki):
    with tempfile.TemporaryDirectory() as folder, Redis(OURS, pki, folder, "TLSv1.3") as store:
        result = run(OURS, need("redis-cli"), "--tls", "--cacert", pki.ca, "-h", "127.0.0.1", "-p",
                     store.port, "GET", "key")
        expect(result.status != 0, "a client without certificate was let in", result.text)
        store.wait_for("peer did not return a certificate")


# --- MariaDB ---

class MariaDb(Server):
    """A server on an empty database of its own, and the folder it lives in."""

    def __init__(self, library, pki, folder):
        self.port, self.pki, self.folder = free_port(), pki, pathlib.Path(folder)
        data = self.folder / "data"
        shutil.copytree(prepared(), data)
        super().__init__(library, [
            need("mariadbd"), "--no-defaults", f"--datadir={data}", f"--user={user()}",
            f"--socket={self.folder}/socket", "--bind-address=127.0.0.1", f"--port={self.port}",
            f"--pid-file={self.folder}/pid", f"--ssl-cert={pki.cert}", f"--ssl-key={pki.key}",
            f"--ssl-ca={pki.ca}", "--tls-version=TLSv1.2,TLSv1.3", "--skip-grant-tables",
            "--skip-networking=0", "--max-allowed-packet=64M",
            "--innodb-fast-shutdown=2", "--innodb-log-file-size=4M",
            "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0"], ready=self.port)

    def query(self, library, version, sql):
        result = run(library, need("mariadb"), "--no-defaults", "--protocol=tcp", "-h", "127.0.0.1",
                     "-P", self.port, "-u", "root", f"--ssl-ca={self.pki.ca}", "--ssl", f"--tls-version={version}",
                     "--max-allowed-packet=64M", "-N", "-B", stdin=sql.encode())
        expect(result.status == 0, "mariadb failed", result.text + self.output())
        return result.out.decode()


def user():
    return "root" if os.geteuid() == 0 else str(os.geteuid())


_prepared = None


def prepared():
    """The folder of an empty database, made once."""
    global _prepared
    if not _prepared:
        _prepared = tempfile.TemporaryDirectory()
        result = run(SYSTEM, need("mariadb-install-db"), "--no-defaults",
                     "--innodb-log-file-size=4M", f"--user={user()}",
                     f"--datadir={_prepared.name}/data", "--auth-root-authentication-method=normal",
                     "--skip-test-db", timeout=120)
        if result.status != 0:
            raise Skip(f"mariadb-install-db: {result.text[-300:]}")
    return pathlib.Path(_prepared.name) / "data"


def mariadb(pki, client, server):
    with tempfile.TemporaryDirectory() as folder, MariaDb(server, pki, folder) as store:
        for version in VERSIONS:
            mariadb_data(store, client, version)


def mariadb_data(store, client, version):
    def query(sql):
        return store.query(client, version, sql)

    expect(query("SHOW STATUS LIKE 'Ssl_version'").split()[-1:] == [version], f"not {version}",
           store.output())
    rows = "".join(f"INSERT INTO t.x VALUES ({i}, REPEAT('{i}', 1000));" for i in range(200))
    query("DROP DATABASE IF EXISTS t; CREATE DATABASE t; CREATE TABLE t.x (id INT, v LONGTEXT);"
          "BEGIN;" + rows + f"INSERT INTO t.x VALUES (1000, '{VALUE}'); COMMIT;")
    expect(query("SELECT v FROM t.x WHERE id = 1000") == VALUE + "\n", "another value came back")
    lines = query("SELECT v FROM t.x WHERE id < 200 ORDER BY id").split("\n")
    expect(lines[:-1] == [str(i) * 1000 for i in range(200)], "rows are wrong")


def main():
    tap = Tap()
    with Pki() as pki:
        for client, server in PAIRS:
            for version in VERSIONS:
                tap.case(f"Redis, {client} to {server}, {version}: data", redis, pki, client, server,
                         version)
            tap.case(f"MariaDB, {client} to {server}: data", mariadb, pki, client, server)
        tap.case("Redis: fifty clients at once", redis_many, pki)
        tap.case("Redis: replication", redis_replica, pki)
        tap.case("Redis refuses a client without certificate", redis_refuses, pki)
    tap.end()


if __name__ == "__main__":
    main()
