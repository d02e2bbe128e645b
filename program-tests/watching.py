#!/usr/bin/python3
"""What programs show of a handshake: openssl's -msg, -state, -tlsextdebug and -trace, curl -v, and
Python's message callback, key log and channel binding. The same as on OpenSSL against the same peer.
And Wireshark decrypts what goes by with the key log."""

import json
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

from lib import (DEADLINE, HOST, OURS, PAIRS, PYTHON, SYSTEM, Failure, Pki, Skip, Tap, VERSIONS, contains,
                 expect, need, run)
from openssl_cli import FLAG, SServer, s_client, trust

GROUP = ("-groups", "P-256")

PYTHON_CLIENT = """
import json, socket, ssl, sys
port, ca, host, version, log = json.loads(sys.argv[1])
seen = []
context = ssl.create_default_context(cafile=ca)
context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
context.keylog_filename = log
def callback(connection, direction, version, content_type, message_type, data):
    if content_type.name not in ("HEADER", "INNER_CONTENT_TYPE"):
        seen.append((direction, version.name, content_type.name, message_type.name))
context._msg_callback = callback
with socket.create_connection(("127.0.0.1", port)) as plain:
    with context.wrap_socket(plain, server_hostname=host) as tls:
        binding = tls.get_channel_binding("tls-unique")
        tls.sendall(b"hello\\n")
        tls.recv(100)
print(json.dumps({"seen": seen, "binding": len(binding or b"")}))
"""


def alike(what, ours, system):
    """Fails unless both lists of lines are the same and not empty."""
    if ours != system or not ours:
        both = "\n".join(["ours:", *ours, "system's:", *system])
        raise Failure(f"{what} differ\n{both}")


def on_both(read):
    """What `read` makes of each library."""
    return read(OURS), read(SYSTEM)


# --- openssl ---

def messages(out):
    """-msg: the messages, without their lengths; the client's hello holds other extensions."""
    lines = re.findall(r"^(?:<<<|>>>) .*$", out, re.M)
    return [re.sub(r"\[length \w+\]", "", line) for line in lines
            if "RecordHeader" not in line and "Inner" not in line]


def states(out):
    """-state: the steps told of."""
    return re.findall(r"^SSL(?:_connect|_accept|3 alert)?.*:.*$", out, re.M)


def client_shows(pki, version, options, pick):
    with SServer(SYSTEM, pki, "-rev", "-num_tickets", "1") as peer:
        def read(library):
            status, out = s_client(library, peer, version, *trust(pki), *GROUP, "-servername", HOST,
                                   *options)
            expect(status == 0, f"s_client ended with {status}", out)
            return pick(out)
        alike(" ".join(options), *on_both(read))


def server_shows(pki, version, options, pick):
    def read(library):
        # One that ends by itself writes out all it has to say.
        with SServer(library, pki, "-rev", "-naccept", "1", "-num_tickets", "1", *options) as peer:
            status, out = s_client(SYSTEM, peer, version, *trust(pki), *GROUP, "-servername", HOST)
            expect(status == 0, f"s_client ended with {status}", out)
            peer.process.wait(DEADLINE)
            return pick(peer.output())
    alike(" ".join(options), *on_both(read))


def extensions(out):
    """-tlsextdebug: the names, in the order in which they came."""
    return re.findall(r'^TLS \w+ extension "[^"]*" \(id=\d+\)', out, re.M)


def traced(out):
    """-trace: the messages, and what each says before its contents."""
    expect("parse error" not in out, "a message could not be printed", out)
    return [re.sub(r", Length=\d+", "", line) for line in
            re.findall(r"^    \w+, Length=\d+$|^    (?:change_cipher|Level).*$", out, re.M)]


CIPHERS = ("DEFAULT", "ALL", "ALL:eNULL", "COMPLEMENTOFALL", "HIGH:!aNULL:!MD5", "ECDHE+AESGCM:ECDHE+CHACHA20:!PSK",
           "ALL:!aRSA:@STRENGTH", "kRSA:+AES128", "DEFAULT@SECLEVEL=3", "TLSv1.2+aECDSA", "PSK:SRP", "AES128-SHA:AES256-SHA",
           "SUITEB128", "nonsense:AES128-GCM-SHA256", "nonsense", "")
CIPHERS_OPTIONS = (("-v",), ("-V",), ("-stdname",), ("-v", "-ciphersuites", "TLS_AES_128_CCM_SHA256"),
                   ("-v", "-ciphersuites", ""), ("-v", "-tls1_3"), ("-v", "-ciphersuites", "nonsense"))


def ciphers():
    """What the names of suites come to, and how each is described."""
    for options in CIPHERS_OPTIONS:
        for string in CIPHERS:
            def read(library):
                result = run(library, need("openssl"), "ciphers", *options, string)
                shown = re.sub(r"^[0-9A-F]+:error:(\w+):([^:]*):[^:]*:([^:]*):.*$", r"\1 \2 \3", result.err.decode(), flags=re.M)
                return [str(result.status), *result.out.decode().splitlines(), *shown.splitlines()]
            alike(f"ciphers {' '.join(options)} {string}", *on_both(read))
    for name in ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA", "nonsense"):
        alike(f"ciphers -convert {name}", *on_both(
            lambda library: run(library, need("openssl"), "ciphers", "-convert", name).out.decode().splitlines()))


def usable_ciphers():
    """-s: those that can be negotiated, which are fewer, in the same order."""
    for options in (("-s",), ("-s", "-tls1_2"), ("-s", "-tls1_3"), ("-s", "-psk"), ("-s", "-srp")):
        for string in CIPHERS[:10]:
            ours, system = on_both(lambda library: run(library, need("openssl"), "ciphers", *options,
                                                       string).out.decode().strip().split(":"))
            system = iter(system)
            expect(all(suite in system for suite in ours if suite), f"ciphers {' '.join(options)} {string}", str(ours))


# --- curl ---

def curl_shows(pki, version):
    flag = {"TLSv1.2": "1.2", "TLSv1.3": "1.3"}[version]
    with SServer(SYSTEM, pki, "-www", "-num_tickets", "1") as peer:
        def read(library):
            result = run(library, need("curl"), "-v", "--silent", "--cacert", pki.ca, "--curves", "P-256",
                         f"--tlsv{flag}", "--tls-max", flag, "--resolve",
                         f"{HOST}:{peer.port}:127.0.0.1", f"https://{HOST}:{peer.port}/")
            expect(result.status == 0, "curl failed", result.text)
            return re.findall(r"^\* TLSv.*\((?:IN|OUT)\), .*$", result.text, re.M)
        ours, system = on_both(read)
        contains("\n".join(ours), "TLS handshake, Client hello (1)", "TLS handshake, Finished (20)")
        alike("curl's messages", ours, system)


# --- Python ---

def python_shows(pki, version):
    labels = {"TLSv1.2": ["CLIENT_RANDOM"],
              "TLSv1.3": ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
                          "EXPORTER_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                          "SERVER_TRAFFIC_SECRET_0"]}[version]
    with SServer(SYSTEM, pki, "-rev", "-num_tickets", "1") as peer, \
            tempfile.TemporaryDirectory() as work:
        def read(library):
            log = pathlib.Path(work) / f"keys-{library is OURS}"
            arguments = [peer.port, str(pki.ca), HOST, version.replace(".", "_"), str(log)]
            result = run(library, PYTHON, "-c", PYTHON_CLIENT, json.dumps(arguments))
            expect(result.status == 0, "the client failed", result.text)
            seen = json.loads(result.out.splitlines()[-1])
            logged = sorted(line.split()[0] for line in log.read_text().splitlines()
                            if not line.startswith("#"))
            expect(logged == labels, "other secrets are logged", "\n".join(logged))
            expect(seen["binding"] == (12 if version == "TLSv1.2" else seen["binding"]),
                   "the channel binding is not a Finished", str(seen["binding"]))
            return [" ".join(message) for message in seen["seen"]] + [f"binding {seen['binding']}"]
        alike("Python's messages", *on_both(read))


# --- Wireshark ---

CAPTURED = b"all of it was seen"
# Handshake messages by type, as tshark shows them once it has decrypted those that are protected.
SHOWN = {"TLSv1.2": {1, 2, 4, 11, 12, 14, 16, 20}, "TLSv1.3": {1, 2, 4, 8, 11, 15, 20}}


class Capture:
    """What goes over the loopback interface to and from a port, in `path`."""

    def __init__(self, port, path):
        self.port, self.path = port, path
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([need("dumpcap"), "-q", "-i", "lo", "-f", f"port {port}", "-w", path],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        try:
            self.wait_for(lambda: b"File: " in self.said(), "never began")
        except BaseException:
            self.process.kill()
            raise

    def said(self):
        return open(f"/proc/self/fd/{self.log.fileno()}", "rb").read()

    def wait_for(self, condition, what):
        end = time.monotonic() + DEADLINE
        while not condition():
            if self.process.poll() is not None:
                raise Skip("capturing is not possible: " + self.said().decode(errors="replace").strip())
            expect(time.monotonic() < end, f"the capture {what}", self.said().decode(errors="replace"))
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """Ends it when a datagram of our own went by: then all before it did."""
        try:
            if kind is None:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as marker:
                    marker.sendto(CAPTURED, ("127.0.0.1", self.port))
                self.wait_for(lambda: CAPTURED in self.path.read_bytes(), "is not complete")
        finally:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()
            self.log.close()


def decrypted(capture, keys):
    """The types of the handshake messages that tshark finds, and the data of both sides."""
    command = [need("tshark"), "-r", capture.path, "-n", "-d", f"tcp.port=={capture.port},tls",
               "-o", f"tls.keylog_file:{keys}"]
    shown = run(SYSTEM, *command, "-Y", "tls.handshake.type", "-T", "fields", "-e", "tls.handshake.type")
    expect(shown.status == 0, "tshark failed", shown.text)
    data = run(SYSTEM, *command, "-q", "-z", "follow,tls,ascii,0")
    expect(data.status == 0, "tshark failed", data.text)
    return {int(kind) for kind in re.findall(rb"\d+", shown.out)}, data.out.decode(errors="replace")


def logged(path):
    """The lines of a key log, in any order: a program's may be written by both sides."""
    return sorted(line for line in path.read_text("ascii").splitlines() if not line.startswith("#"))


def wireshark(pki, client, server, version):
    """Each side's key log decrypts the connection, and they are the same lines."""
    need("tshark")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        logs = {side: work / side for side in ("client", "server")}
        with SServer(server, pki, "-rev", "-keylogfile", logs["server"]) as peer:
            with Capture(peer.port, work / "capture") as capture:
                status, out = s_client(client, peer, version, *trust(pki), "-keylogfile", logs["client"])
            expect(status == 0, f"s_client ended with {status}", out)
        alike("key logs", *(logged(path) for path in logs.values()))
        for path in logs.values():
            kinds, data = decrypted(capture, path)
            expect(kinds == SHOWN[version], f"other messages with the {path.name}'s log", str(sorted(kinds)))
            contains(data, "hello", "olleh")
        (work / "empty").write_text("")
        kinds, data = decrypted(capture, work / "empty")
        expect(20 not in kinds and "hello" not in data, "nothing was encrypted", data)


def wireshark_early(pki, client, server):
    """The client's early data and what follows it, of a resumed connection."""
    need("tshark")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        early, session, keys = work / "early", work / "session", work / "keys"
        early.write_text("sent at once")
        with SServer(server, pki, "-early_data", "-keylogfile", keys) as peer:
            options = (*trust(pki), "-groups", "P-256")
            s_client(client, peer, "TLSv1.3", *options, "-sess_out", session,
                     until=lambda: session.exists() and session.stat().st_size > 0)
            with Capture(peer.port, work / "capture") as capture:
                status, out = s_client(client, peer, "TLSv1.3", *options, "-sess_in", session,
                                       "-early_data", early, until="Early data was accepted")
            expect(status == 0, f"s_client ended with {status}", out)
            peer.wait_for("sent at once")
        contains(keys.read_text("ascii"), "CLIENT_EARLY_TRAFFIC_SECRET")
        contains(decrypted(capture, keys)[1], "sent at once", "hello")


def main():
    tap = Tap()
    tap.case("openssl ciphers", ciphers)
    tap.case("openssl ciphers -s", usable_ciphers)
    with Pki() as pki:
        for version in VERSIONS:
            for side, shows in (("s_client", client_shows), ("s_server", server_shows)):
                for option, pick in (("-msg", messages), ("-state", states), ("-trace", traced)):
                    tap.case(f"{side} {option}, {version}", shows, pki, version, [option], pick)
            tap.case(f"s_client -tlsextdebug, {version}", client_shows, pki, version,
                     ["-tlsextdebug"], lambda out: sorted(extensions(out)))
            tap.case(f"s_server -tlsextdebug, {version}", server_shows, pki, version,
                     ["-tlsextdebug"], extensions)
            tap.case(f"curl -v, {version}", curl_shows, pki, version)
            tap.case(f"python, {version}", python_shows, pki, version)
            for client, server in PAIRS:
                tap.case(f"wireshark, {client} to {server}, {version}", wireshark, pki, client, server, version)
        for client, server in PAIRS:
            tap.case(f"wireshark, early data, {client} to {server}", wireshark_early, pki, client, server)
    tap.end()


if __name__ == "__main__":
    main()
