"""A threaded HTTPS server of Python's standard library: PORT CERT KEY VERSION [CLIENT_CA].

GET /about answers with version, cipher and the client's subject; with CLIENT_CA a client certificate
is required.
"""

import http.server
import ssl
import sys


class About(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        peer = self.connection.getpeercert()
        name = dict(part[0] for part in peer["subject"])["commonName"] if peer else "-"
        body = f"{self.connection.version()} {self.connection.cipher()[0]} [{name}]\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    """The handshake runs in the connection's own thread."""

    def finish_request(self, request, client_address):
        request.settimeout(10)
        request.do_handshake()
        super().finish_request(request, client_address)


def main():
    port, cert, key, version, *client_ca = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.minimum_version = context.maximum_version = getattr(
        ssl.TLSVersion, version.replace(".", "_"))
    context.set_alpn_protocols(["http/1.1"])
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca[0])
    server = Server(("127.0.0.1", int(port)), About)
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    server.serve_forever()


main()
