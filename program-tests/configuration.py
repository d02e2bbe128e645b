#!/usr/bin/python3
"""SSL_CONF's commands where programs hand them on: nginx's ssl_conf_command, Apache's
SSLOpenSSLConfCmd, stunnel's config, and a system-wide openssl.cnf. The same as on OpenSSL: what is
agreed with a client, and what is said of a bad command."""

import pathlib
import re
import tempfile

from lib import (HOST, NGINX, OURS, SYSTEM, Nginx, Pki, Server, Tap, expect, free_port, need, run)
from openssl_cli import SServer
from watching import alike, on_both

# Commands, and what the client is started with.
COMMANDS = (
    ((("Ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"),), ("-tls1_3",)),
    ((("CipherString", "ECDHE-RSA-AES128-GCM-SHA256"),), ("-tls1_2",)),
    ((("Groups", "P-384"),), ("-tls1_3",)),
    ((("Curves", "P-521:P-384"),), ("-tls1_2",)),
    ((("MinProtocol", "TLSv1.3"),), ("-tls1_2",)),
    ((("MaxProtocol", "TLSv1.2"),), ()),
    ((("Protocol", "-TLSv1.3"),), ()),
    ((("SignatureAlgorithms", "RSA-PSS+SHA384"),), ("-tls1_3",)),
    ((("Options", "ServerPreference,PrioritizeChaCha"), ("CipherString", "ECDHE+AESGCM:ECDHE+CHACHA20")),
     ("-tls1_2", "-cipher", "ECDHE+CHACHA20:ECDHE+AESGCM")),
    ((("Options", "-SessionTicket"),), ("-tls1_2",)),
)
# By default the lists of groups differ by design.
CLIENT = ("-groups", "P-256:P-384:P-521")
BAD = (("NoSuchCommand", "x"), ("MinProtocol", "TLSv9"), ("Groups", "nonsense"), ("Options", "Nonsense"),
       ("Ciphersuites", "nonsense"), ("CipherString", "nonsense"))


def agreed(pki, port, options):
    """What a client on OpenSSL and a server agree on, and the alert if they do not."""
    out = run(SYSTEM, need("openssl"), "s_client", "-connect", f"127.0.0.1:{port}", "-servername", HOST,
              "-CAfile", pki.ca, *CLIENT, *options, stdin=b"").text
    found = re.findall(r"^(?:New|Reused), .*|^Server Temp Key: .*|^Peer signature type: .*|^Peer signing digest: .*"
                       r"|alert number \d+|TLS session ticket:|Verify return code: .*", out, re.M)
    # Whether it waits for TLS 1.3's tickets, which come later, is chance.
    tls13 = any("TLSv1.3" in line for line in found)
    return [line for line in dict.fromkeys(found) if not (tls13 and "ticket" in line)]


class Apache(Server):
    """apache2 with these commands, in the foreground."""

    def __init__(self, library, pki, folder, commands):
        self.port = free_port()
        config = apache_config(pki, folder, self.port, commands)
        # At its end it signals its process group.
        super().__init__(library, [need("setsid"), need("apache2"), "-D", "FOREGROUND", "-f", config],
                         ready=self.port)


def apache_config(pki, folder, port, commands):
    lines = [f"ServerRoot {folder}", f"Listen 127.0.0.1:{port}", f"ServerName {HOST}", f"PidFile {folder}/pid",
             f"Mutex file:{folder}", "ErrorLog /dev/stderr", f"DefaultRuntimeDir {folder}", "SSLEngine on",
             f"SSLCertificateFile {pki.cert}", f"SSLCertificateKeyFile {pki.key}"]
    modules = "/usr/lib/apache2/modules"
    lines[1:1] = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in ("mpm_prefork", "authz_core", "ssl")]
    lines += [f'SSLOpenSSLConfCmd {name} "{value}"' for name, value in commands]
    config = pathlib.Path(folder) / "apache.conf"
    config.write_text("\n".join(lines) + "\n", "ascii")
    return config


class Stunnel(Server):
    """A stunnel server with these commands, in front of nothing."""

    def __init__(self, library, pki, folder, commands):
        self.port = free_port()
        config = pathlib.Path(folder) / "stunnel.conf"
        lines = ["foreground = yes", "pid =", "[tls]", f"accept = 127.0.0.1:{self.port}", "connect = 127.0.0.1:1",
                 f"cert = {pki.cert}", f"key = {pki.key}", *(f"config = {name}:{value}" for name, value in commands)]
        config.write_text("\n".join(lines) + "\n", "ascii")
        super().__init__(library, [need("stunnel4"), config], ready="Configuration successful")


def directives(commands):
    return " ".join(f"ssl_conf_command {name} {value};" for name, value in commands)


def nginx(pki, folder, library, commands, options):
    with Nginx(library, pki, folder, directives(commands)) as server:
        return agreed(pki, server.port, options)


def apache(pki, folder, library, commands, options):
    with Apache(library, pki, folder, commands) as server:
        return agreed(pki, server.port, options)


def stunnel(pki, folder, library, commands, options):
    with Stunnel(library, pki, folder, commands) as server:
        return agreed(pki, server.port, options)


def system_wide(pki, folder, library, commands, options):
    """openssl.cnf, whose system_default section every context is made with."""
    config = pathlib.Path(folder) / "openssl.cnf"
    config.write_text("\n".join(["openssl_conf = init", "[init]", "ssl_conf = ssl", "[ssl]",
                                 "system_default = default", "[default]",
                                 *(f"{name} = {value}" for name, value in commands)]) + "\n", "ascii")

    class Configured:
        """The library, for a program with this configuration."""

        path = library.path

        def environment(self):
            return library.environment() | {"OPENSSL_CONF": str(config)}

    with SServer(Configured(), pki) as server:
        return agreed(pki, server.port, options)


def commands_of(pki, how):
    for commands, options in COMMANDS:
        def read(library):
            with tempfile.TemporaryDirectory() as folder:
                pathlib.Path(folder).chmod(0o755)
                return how(pki, folder, library, commands, options)
        alike(f"{commands} {options}", *on_both(read))


def complaints(text):
    """What is said of a command: without times and places in the source."""
    text = re.sub(r"error:([0-9A-F]{8}):([^:\n]*):[^:\n]*:([^:\n(]*)(?::[^\n)]*)?", r"\1 \2 \3", text)
    return [re.sub(r"^\d\S+ \d\S+ |\b\d+#\d+: ", "", line).strip() for line in text.splitlines()]


def nginx_complains(pki, folder, library, commands):
    config = pathlib.Path(folder) / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=free_port(), host=HOST, root=folder, cert=pki.cert,
                                   key=pki.key, protocols="TLSv1.2 TLSv1.3", directives=directives(commands),
                                   servers=""), "ascii")
    result = run(library, need("nginx"), "-t", "-c", config, "-p", folder, "-e", "stderr")
    return [str(result.status), *complaints(result.err.decode().replace(folder, "FOLDER"))]


def apache_complains(pki, folder, library, commands):
    config = apache_config(pki, folder, free_port(), commands)
    result = run(library, need("apache2"), "-t", "-f", config)
    text = (result.out + result.err).decode().replace(folder, "FOLDER")
    return [str(result.status), *complaints(text)]


def bad_commands(pki, how):
    for command in BAD:
        def read(library):
            with tempfile.TemporaryDirectory() as folder:
                return how(pki, folder, library, [command])
        alike(str(command), *on_both(read))


def main():
    tap = Tap()
    with Pki() as pki:
        for name, how in (("nginx: ssl_conf_command", nginx), ("Apache: SSLOpenSSLConfCmd", apache),
                          ("stunnel: config", stunnel), ("openssl.cnf: system_default", system_wide)):
            tap.case(name, commands_of, pki, how)
        for name, how in (("nginx: bad commands", nginx_complains), ("Apache: bad commands", apache_complains)):
            tap.case(name, bad_commands, pki, how)
    tap.end()


if __name__ == "__main__":
    main()
