#!/usr/bin/python3
"""nginx, unmodified, on our library, serving curl on the system's."""

import hashlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from lib import (HOST, OTHER_HOST, OURS, SYSTEM, VERSIONS, Nginx, Pki, Tap, contains, expect, need,
                 run)

BODY = 100_000_000
S_CLIENT = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
PINNED = {"TLSv1.2": ["--tlsv1.2", "--tls-max", "1.2"], "TLSv1.3": ["--tlsv1.3"]}


def make_body(root):
    """100 MB that repeat nowhere near; their SHA-256."""
    digest = hashlib.sha256()
    with open(root / "body", "wb") as body:
        for block in range(BODY // 1_000_000):
            piece = hashlib.shake_128(str(block).encode()).digest(1_000_000)
            body.write(piece)
            digest.update(piece)
    (root / "small").write_bytes(b"small\n")
    return digest.hexdigest()


def command(server, pki, *args, host=HOST, paths=("/about",)):
    return [need("curl"), "-sS", "--max-time", "120", "--cacert", pki.ca,
            "--resolve", f"{host}:{server.port}:127.0.0.1", *args,
            *(f"https://{host}:{server.port}{path}" for path in paths)]


def curl(server, pki, *args, **options):
    result = run(SYSTEM, *command(server, pki, *args, **options), timeout=130)
    expect(result.status == 0, "curl failed", f"{result.text}\n{server.output()}")
    return result.out.decode()


class Reader:
    """A curl whose output is read with pauses, so that the server's writes block."""

    def __init__(self, server, pki, *args):
        words = [str(word) for word in command(server, pki, *args, paths=("/body",))]
        self.process = subprocess.Popen(words, env=SYSTEM.environment(), stdout=subprocess.PIPE)

    def digest(self, pause, blocks):
        """Reads `blocks` of 1 MB with a pause before each, then the rest."""
        digest = hashlib.sha256()
        for _ in range(blocks):
            time.sleep(pause)
            digest.update(self.process.stdout.read(1_000_000))
        while piece := self.process.stdout.read(1 << 20):
            digest.update(piece)
        self.process.stdout.close()
        expect(self.process.wait() == 0, f"curl failed: {self.process.returncode}")
        return digest.hexdigest()


def workers(server):
    pids = server.workers()
    expect(len(pids) == 2, f"{len(pids)} workers")


def about(server, pki, version):
    for flag, protocol in (("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2.0")):
        text = curl(server, pki, flag, *PINNED[version])
        contains(text, f"{version} ", protocol, HOST)


def slow_readers(server, pki, want, flag):
    """Several at once, each stalled at the start and while the body flows."""
    readers = [Reader(server, pki, flag, *PINNED[version]) for version in VERSIONS]
    limited = Reader(server, pki, flag, "--limit-rate", "40M")
    for reader in readers:
        seen = reader.digest(0.05, 20)
        expect(seen == want, f"sha256 {seen}, not {want}", server.output())
    seen = limited.digest(0, 0)
    expect(seen == want, f"--limit-rate: sha256 {seen}, not {want}", server.output())


def fast_reader(server, pki, want, flag):
    seen = Reader(server, pki, flag).digest(0, 0)
    expect(seen == want, f"sha256 {seen}, not {want}", server.output())


def concurrent(server, pki):
    words = [str(word) for word in command(server, pki, paths=("/small",) * 5)]
    clients = [subprocess.Popen(words, env=SYSTEM.environment(), stdout=subprocess.PIPE)
               for _ in range(12)]
    outputs = [client.communicate()[0] for client in clients]
    expect(outputs == [b"small\n" * 5] * len(clients), "wrong bodies", server.output())


def keep_alive(server, pki, flag):
    text = curl(server, pki, flag, "-w", "connects=%{num_connects}\n", paths=("/about",) * 4)
    counts = [line for line in text.splitlines() if line.startswith("connects=")]
    expect(counts == ["connects=1"] + ["connects=0"] * 3, f"{counts}", text)


def parallel_streams(server, pki):
    text = curl(server, pki, "--http2", "-Z", paths=("/small",) * 20)
    expect(text == "small\n" * 20, "wrong bodies", text)


def upload(server, pki, flag):
    """nginx keeps the request body in a file before it goes on."""
    sent = hashlib.shake_128(b"upload").digest(900_000)
    folder = pathlib.Path(server.folder.name)
    (folder / "sent").write_bytes(sent)
    text = curl(server, pki, flag, "--data-binary", f"@{folder}/sent", paths=("/upload",))
    expect(text == "uploaded\n", "wrong answer", text)
    received = [file.read_bytes() for file in (folder / "body").iterdir()]
    expect(sent in received, "the body is not there", f"{[len(body) for body in received]}")


def other_host(server, pki):
    expect(curl(server, pki, host=OTHER_HOST, paths=("/",)) == "other\n", "wrong server")


def plain_http(server):
    result = run(SYSTEM, need("curl"), "-sS", f"http://127.0.0.1:{server.port}/")
    contains(result.text, "The plain HTTP request was sent to HTTPS port")


def reload(server, pki):
    """SIGHUP replaces the workers; the new ones serve."""
    old = server.workers()
    os.kill(server.pid, signal.SIGHUP)
    end = time.monotonic() + 20
    while set(server.workers()) & set(old) and time.monotonic() < end:
        time.sleep(0.1)
    expect(not set(server.workers()) & set(old), "the old workers stay", server.output())
    contains(curl(server, pki), "TLSv1.3")


def client_certificates(pki, root):
    directives = f"ssl_verify_client on; ssl_client_certificate {pki.ca};"
    with Nginx(OURS, pki, root, directives) as server:
        for version in VERSIONS:
            own = ["--cert", pki.client_cert, "--key", pki.client_key]
            contains(curl(server, pki, *own, *PINNED[version]), "[CN=client.test] SUCCESS")
            contains(curl(server, pki, *PINNED[version]), "No required SSL certificate was sent")


def s_client_status(server, version):
    return run(SYSTEM, need("openssl"), "s_client", "-connect", f"127.0.0.1:{server.port}",
               "-servername", HOST, "-status", S_CLIENT[version], stdin=b"Q\n").text


def stapling(pki, root):
    """The response nginx was given reaches clients."""
    directives = f"ssl_stapling on; ssl_stapling_file {pki.ocsp_response()};"
    with Nginx(OURS, pki, root, directives) as server:
        for version in VERSIONS:
            contains(s_client_status(server, version), "OCSP Response Status: successful",
                     "Cert Status: good")
    with Nginx(OURS, pki, root) as server:
        for version in VERSIONS:
            contains(s_client_status(server, version), "OCSP response: no response sent")


def clean_log(server):
    """Nothing went wrong unseen."""
    for word in ("[alert]", "[crit]", "[emerg]", "exited on signal"):
        expect(word not in server.output(), word, server.output())


def with_server(tap, pki, root, want, server):
    tap.case("both workers map our libssl.so.3", workers, server)
    for version in VERSIONS:
        tap.case(f"{version}: http/1.1 and h2", about, server, pki, version)
    for flag in ("--http1.1", "--http2"):
        tap.case(f"{flag}: 100 MB intact", fast_reader, server, pki, want, flag)
        tap.case(f"{flag}: 100 MB to three slow readers at once intact", slow_readers, server, pki,
                 want, flag)
        tap.case(f"{flag}: keep-alive", keep_alive, server, pki, flag)
        tap.case(f"{flag}: request body", upload, server, pki, flag)
    tap.case("twelve clients at once", concurrent, server, pki)
    tap.case("twenty h2 streams in one connection", parallel_streams, server, pki)
    tap.case("server name chooses the certificate", other_host, server, pki)
    tap.case("plain HTTP is told so", plain_http, server)
    tap.case("reload", reload, server, pki)
    tap.case("nothing critical in the error log", clean_log, server)


def start(tap, pki, root, want):
    with Nginx(OURS, pki, root, other=True) as server:
        with_server(tap, pki, root, want, server)


def main():
    tap = Tap()
    with Pki() as pki, tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        root.chmod(0o755)
        want = make_body(root)
        tap.group("nginx serves and ends", start, tap, pki, root, want)
        tap.case("client certificates", client_certificates, pki, root)
        tap.case("stapling", stapling, pki, root)
    tap.end()


if __name__ == "__main__":
    main()
