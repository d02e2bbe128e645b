#!/usr/bin/python3
"""What programs show of a handshake: openssl's -msg, -state, -tlsextdebug and -trace, curl -v, and
Python's message callback, key log and channel binding. The same as on OpenSSL against the same peer."""

import json
import pathlib
import re
import tempfile

from lib import (DEADLINE, HOST, OURS, PYTHON, SYSTEM, Failure, Pki, Tap, VERSIONS, contains, expect,
                 need, run)
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


def main():
    tap = Tap()
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
    tap.end()


if __name__ == "__main__":
    main()
