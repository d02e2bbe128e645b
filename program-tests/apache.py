#!/usr/bin/python3
"""Apache, unmodified, on our library: client certificates and what mod_ssl tells of them."""

import pathlib
import tempfile

from lib import (HOST, OURS, PAIRS, SYSTEM, VERSIONS, Pki, Server, Tap, contains, expect, free_port,
                 need, run)

PINNED = {"TLSv1.2": ["--tlsv1.2", "--tls-max", "1.2"], "TLSv1.3": ["--tlsv1.3"]}
CONFIG = """
ServerRoot {folder}
Listen 127.0.0.1:{port}
ServerName {host}
PidFile {folder}/pid
Mutex file:{folder}
ErrorLog /dev/stderr
DefaultRuntimeDir {folder}
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
StartServers 2
DocumentRoot {folder}/root
SSLEngine on
SSLProtocol TLSv1.2 +TLSv1.3
SSLCertificateFile {cert}
SSLCertificateKeyFile {key}
SSLCACertificateFile {ca}
SSLVerifyClient {verify}
SSLVerifyDepth {depth}
Header always set X-Client "%{{SSL_CLIENT_S_DN}}s %{{SSL_CLIENT_VERIFY}}s %{{SSL_PROTOCOL}}s"
<Location /own>
SSLVerifyClient require
</Location>
"""


class Apache(Server):
    """apache2 in the foreground, serving one small file."""

    def __init__(self, library, pki, verify, depth=1):
        program = need("apache2")
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="program-tests-apache-")
        folder = pathlib.Path(self.folder.name)
        folder.chmod(0o755)
        (folder / "root").mkdir()
        (folder / "root" / "own").mkdir()
        for name in ("small", "own/small"):
            (folder / "root" / name).write_bytes(b"small\n")
        config = folder / "apache.conf"
        config.write_text(CONFIG.format(folder=folder, port=self.port, host=HOST, cert=pki.cert,
                                        key=pki.key, ca=pki.ca, verify=verify, depth=depth),
                          "ascii")
        # At its end it signals its process group.
        super().__init__(library, [need("setsid"), program, "-D", "FOREGROUND", "-f", config],
                         ready=self.port)

    def stop(self):
        status = super().stop()
        self.folder.cleanup()
        return status


def curl(client, server, pki, *args, paths=("small",)):
    return run(client, need("curl"), "-sS", "-i", "--max-time", "20", "--cacert", pki.ca,
               "--resolve", f"{HOST}:{server.port}:127.0.0.1", *args,
               *(f"https://{HOST}:{server.port}/{path}" for path in paths))


def own(pki):
    return ["--cert", pki.client_cert, "--key", pki.client_key]


def required(pki, client, library):
    with Apache(library, pki, "require") as server:
        for version in VERSIONS:
            contains(curl(client, server, pki, *own(pki), *PINNED[version]).text, "exit status 0",
                     "CN=client.test SUCCESS", version, "small")
            refused = curl(client, server, pki, *PINNED[version])
            expect(refused.status != 0, "served without a certificate", refused.text)
            wrong = ["--cert", pki.cert, "--key", pki.key]
            refused = curl(client, server, pki, *wrong, *PINNED[version])
            expect(refused.status != 0, "a server's certificate is a client's", refused.text)
        contains(curl(client, server, pki, *own(pki)).text, "exit status 0")


def optional(pki):
    with Apache(OURS, pki, "optional") as server:
        for version in VERSIONS:
            contains(curl(SYSTEM, server, pki, *PINNED[version]).text, "(null) NONE", version)
            contains(curl(SYSTEM, server, pki, *own(pki), *PINNED[version]).text,
                     "CN=client.test SUCCESS", version)


def for_a_folder(pki, client, library):
    """Asked for after the handshake, when it is known what is wanted."""
    with Apache(library, pki, "none") as server:
        tls13 = PINNED["TLSv1.3"]
        paths = ("small", "own/small", "small")
        out = curl(client, server, pki, *own(pki), *tls13, paths=paths).text
        contains(out, "exit status 0", "(null) NONE TLSv1.3", "CN=client.test SUCCESS TLSv1.3")
        expect(out.count("HTTP/1.1 200") == 3, "not served", out)
        out = curl(client, server, pki, *tls13, paths=("small", "own/small")).text
        expect(out.count("HTTP/1.1 200") == 1, "served without a certificate", out)
        contains(out, "certificate required")


def main():
    tap = Tap()
    with Pki() as pki:
        for client, server in PAIRS:
            tap.case(f"SSLVerifyClient require: curl on {client}, Apache on {server}", required,
                     pki, client, server)
            tap.case(f"SSLVerifyClient for a folder: curl on {client}, Apache on {server}",
                     for_a_folder, pki, client, server)
        tap.case("SSLVerifyClient optional", optional, pki)
    tap.end()


if __name__ == "__main__":
    main()
