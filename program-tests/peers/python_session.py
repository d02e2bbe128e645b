"""A TLS client that fetches from one https server several times with its first session.

The command line is JSON: version, ca, host, port, path and count. Prints a line of JSON: what
each connection says of reuse, and the bodies.
"""

import json
import socket
import ssl
import sys


def fetch(context, options, session):
    with socket.create_connection(("127.0.0.1", options["port"])) as plain, \
            context.wrap_socket(plain, server_hostname=options["host"], session=session) as sock:
        sock.sendall(f"GET {options['path']} HTTP/1.0\r\nHost: {options['host']}\r\n\r\n".encode())
        answer = b""
        while piece := sock.recv(4096):
            answer += piece
        body = answer.partition(b"\r\n\r\n")[2].decode()
        return sock.session_reused, body.strip(), sock.session


def main():
    options = json.loads(sys.argv[1])
    context = ssl.create_default_context(cafile=options["ca"])
    version = getattr(ssl.TLSVersion, options["version"].replace(".", "_"))
    context.minimum_version = context.maximum_version = version
    seen, session = [], None
    for _ in range(options["count"]):
        reused, body, made = fetch(context, options, session)
        session = session or made
        seen.append([reused, body])
    print(json.dumps(seen))


main()
