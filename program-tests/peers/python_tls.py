"""One end of an echo over TLS with Python's ssl: ROLE MODE OPTIONS, the last as JSON.

ROLE is server or client, MODE blocking, nonblocking or asyncio. The client sends a length and that
many bytes, gets them back and closes; each end prints what it saw as one line of JSON.
"""

import asyncio
import hashlib
import json
import select
import socket
import ssl
import struct
import sys

PIECE = 50_000


def libssl():
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return sorted({line.split()[-1] for line in maps if "/libssl.so" in line})


def context(role, options):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if role == "server" else ssl.PROTOCOL_TLS_CLIENT)
    version = getattr(ssl.TLSVersion, options["version"].replace(".", "_"))
    made.minimum_version = made.maximum_version = version
    made.set_alpn_protocols(options["alpn"])
    if options.get("cert"):
        made.load_cert_chain(options["cert"], options["key"])
    if options.get("ca"):
        made.load_verify_locations(options["ca"])
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def facts(connection, data):
    peer = connection.getpeercert()
    binding = connection.get_channel_binding("tls-unique") or b""
    return {"version": connection.version(), "cipher": connection.cipher()[0],
            "alpn": connection.selected_alpn_protocol(), "binding": binding.hex(),
            "peer": dict(part[0] for part in peer["subject"])["commonName"] if peer else None,
            "sha256": hashlib.sha256(data).hexdigest(), "libssl": libssl()}


class Socket:
    """A blocking TLS socket, or a non-blocking one driven with select."""

    def __init__(self, sock, blocking):
        self.sock, self.blocking = sock, blocking

    def call(self, function, *args):
        while True:
            try:
                return function(*args)
            except ssl.SSLWantReadError:
                ready = select.select([self.sock], [], [], 20)
            except ssl.SSLWantWriteError:
                ready = select.select([], [self.sock], [], 20)
            if not any(ready):
                raise TimeoutError(function.__name__)

    def read(self, size):
        data = bytearray()
        while len(data) < size:
            piece = self.call(self.sock.recv, min(PIECE, size - len(data)))
            if not piece:
                raise EOFError(f"{len(data)} of {size}")
            data += piece
        return bytes(data)

    def write(self, data):
        if self.blocking:
            self.sock.sendall(data)
            return
        view = memoryview(data)
        while view:
            view = view[self.call(self.sock.send, view[:PIECE]):]


def serve_socket(options, made, blocking):
    with socket.create_server(("127.0.0.1", options["port"])) as listener:
        print("listening", flush=True)
        raw, _ = listener.accept()
    raw.settimeout(20)
    if not blocking:
        raw.setblocking(False)
    with made.wrap_socket(raw, server_side=True, do_handshake_on_connect=False) as sock:
        end = Socket(sock, blocking)
        end.call(sock.do_handshake)
        data = end.read(struct.unpack("!I", end.read(4))[0])
        end.write(data)
        seen = facts(sock, data)
        if end.call(sock.recv, 1) != b"":
            raise ValueError("more data")
        end.call(sock.unwrap)
    return seen


def connect_socket(options, made, blocking, data):
    raw = socket.create_connection(("127.0.0.1", options["port"]), 20)
    if not blocking:
        raw.setblocking(False)
    with made.wrap_socket(raw, server_hostname=options["host"],
                          do_handshake_on_connect=False) as sock:
        end = Socket(sock, blocking)
        end.call(sock.do_handshake)
        end.write(struct.pack("!I", len(data)) + data)
        back = end.read(len(data))
        seen = facts(sock, back)
        end.call(sock.unwrap)
    return seen


async def serve_asyncio(options, made):
    done = asyncio.get_running_loop().create_future()

    async def echo(reader, writer):
        try:
            size = struct.unpack("!I", await reader.readexactly(4))[0]
            data = await reader.readexactly(size)
            writer.write(data)
            await writer.drain()
            seen = facts(writer.get_extra_info("ssl_object"), data)
            if await reader.read() != b"":
                raise ValueError("more data")
            writer.close()
            await writer.wait_closed()
            done.set_result(seen)
        except Exception as error:
            done.set_exception(error)

    server = await asyncio.start_server(echo, "127.0.0.1", options["port"], ssl=made)
    print("listening", flush=True)
    async with server:
        return await asyncio.wait_for(done, 20)


async def connect_asyncio(options, made, data):
    reader, writer = await asyncio.open_connection("127.0.0.1", options["port"], ssl=made,
                                                   server_hostname=options["host"])
    writer.write(struct.pack("!I", len(data)) + data)
    back, _ = await asyncio.gather(reader.readexactly(len(data)), writer.drain())
    seen = facts(writer.get_extra_info("ssl_object"), back)
    writer.close()
    await writer.wait_closed()
    return seen


def main():
    role, mode, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    made = context(role, options)
    data = hashlib.shake_128(b"echo").digest(options["size"])
    try:
        if role == "server":
            seen = asyncio.run(serve_asyncio(options, made)) if mode == "asyncio" else \
                serve_socket(options, made, mode == "blocking")
        else:
            seen = asyncio.run(connect_asyncio(options, made, data)) if mode == "asyncio" else \
                connect_socket(options, made, mode == "blocking", data)
    except ssl.SSLCertVerificationError as error:
        seen = {"refused": error.verify_code, "text": error.verify_message, "libssl": libssl()}
    except ssl.SSLError as error:
        seen = {"error": error.reason, "text": str(error), "libssl": libssl()}
    print(json.dumps(seen), flush=True)


main()
