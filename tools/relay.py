"""A TCP relay that keeps what the server sends first, and the group its ServerHello names."""

import socket
import threading

GROUPS = {23: "secp256r1 (P-256)", 24: "secp384r1 (P-384)", 25: "secp521r1 (P-521)",
          29: "X25519", 30: "X448", 0x11EC: "X25519MLKEM768 (post-quantum hybrid)"}
KEEP = 1 << 16
HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


class Relay:
    """Takes one connection on `port` and passes it on to `target` of 127.0.0.1."""

    def __init__(self, target):
        self.target, self.seen = target, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self._copy, args=(client, server, False), daemon=True).start()
        self._copy(server, client, True)

    def _copy(self, source, sink, keep):
        try:
            while data := source.recv(65536):
                if keep and len(self.seen) < KEEP:
                    self.seen += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def group(self):
        """The key exchange group the server chose, or None."""
        for kind, body in handshake_messages(self.seen):
            number = group_of_server_hello(body) if kind == 2 else None
            if kind == 12 and body[:1] == b"\x03":  # TLS 1.2's ServerKeyExchange, named curve
                number = int.from_bytes(body[1:3], "big")
            if number is not None:
                return GROUPS.get(number, f"group {number:#06x}")
        return None


def handshake_messages(stream):
    """(type, body) of the handshake messages in plaintext records at the start of `stream`."""
    data = b""
    while len(stream) >= 5 and stream[0] == 22:
        length = int.from_bytes(stream[3:5], "big")
        data, stream = data + stream[5:5 + length], stream[5 + length:]
    while len(data) >= 4:
        length = int.from_bytes(data[1:4], "big")
        yield data[0], data[4:4 + length]
        data = data[4 + length:]


def group_of_server_hello(body):
    """RFC 8446 section 4.1.3: the group of the key_share extension."""
    if body[2:34] == HELLO_RETRY:
        return None
    at = 35 + body[34] + 3  # version, random, session id, suite, compression
    at += 2
    while at + 4 <= len(body):
        kind = int.from_bytes(body[at:at + 2], "big")
        length = int.from_bytes(body[at + 2:at + 4], "big")
        if kind == 51:
            return int.from_bytes(body[at + 4:at + 6], "big")
        at += 4 + length
    return None
