#!/usr/bin/python3
"""hostapd as a RADIUS server and wpa_supplicant's eapol_test, unmodified: EAP-TLS, PEAP and TTLS, where
TLS goes through memory, keys are exported, and the second of two authentications resumes the first."""

import pathlib
import tempfile

from lib import OURS, PAIRS, VERSIONS, Pki, Server, Tap, contains, expect, free_port, need, run

HOSTAPD = """
driver=none
interface=lo
eap_server=1
eap_user_file={folder}/users
radius_server_clients={folder}/clients
radius_server_auth_port={port}
ca_cert={ca}
server_cert={cert}
private_key={key}
tls_session_lifetime=3600
tls_flags=[ENABLE-TLSv1.3]
"""

NETWORK = """
network={{
  ssid="test"
  key_mgmt=WPA-EAP
  eap={method}
  identity="{identity}"
  password="secret"
  ca_cert="{ca}"
  phase1="tls_disable_tlsv1_3={without}"
  {more}
}}
"""

METHODS = {"TLS": 'client_cert="{cert}"\n  private_key="{key}"', "PEAP": 'phase2="auth=MSCHAPV2"',
           "TTLS": 'phase2="auth=PAP"'}


def authenticate(pki, client, server, method, version, cert, key):
    """Two authentications in a row, each on the program's own port."""
    with tempfile.TemporaryDirectory() as work:
        folder, port = pathlib.Path(work), free_port()
        (folder / "users").write_text('"bob" MSCHAPV2,TTLS-PAP "secret" [2]\n* TLS,PEAP,TTLS\n', "ascii")
        (folder / "clients").write_text("127.0.0.1/32 secret\n", "ascii")
        (folder / "hostapd.conf").write_text(
            HOSTAPD.format(folder=folder, port=port, ca=pki.ca, cert=pki.cert, key=pki.key), "ascii")
        (folder / "client.conf").write_text(
            NETWORK.format(method=method, identity="bob", ca=pki.ca, without=int(version == "TLSv1.2"),
                           more=METHODS[method].format(cert=cert, key=key)), "ascii")
        with Server(server, [need("hostapd"), "-dd", folder / "hostapd.conf"],
                    ready="AP-ENABLED") as radius:
            result = run(client, need("eapol_test"), "-c", folder / "client.conf", "-a", "127.0.0.1",
                         "-p", port, "-s", "secret", "-r", "1", "-t", "5")
            # Sessions of TLS 1.3 it frees twice when it ends, on either library.
            radius.process.kill()
            return result, radius.output()


def succeeds(pki, client, server, method, version):
    result, log = authenticate(pki, client, server, method, version, pki.client_cert, pki.client_key)
    expect(result.status == 0, "no success", result.text[-3000:])
    contains(result.text, f"Using TLS version {version}", "resumed=1")
    contains(log, f"Using TLS version {version}", "resumed=1")


def refuses(pki, version):
    """A certificate of another authority's."""
    result, log = authenticate(pki, OURS, OURS, "TLS", version, pki.wrong_ca,
                               pki.wrong_ca.with_suffix(".key"))
    expect(result.status != 0, "success", result.text[-3000:])
    contains(log, "unknown CA")


def main():
    tap = Tap()
    with Pki() as pki:
        for method in METHODS:
            for client, server in PAIRS:
                for version in VERSIONS:
                    tap.case(f"EAP-{method}, {client} to {server}, {version}: twice", succeeds, pki,
                             client, server, method, version)
        for version in VERSIONS:
            tap.case(f"hostapd refuses a wrong certificate, {version}", refuses, pki, version)
    tap.end()


if __name__ == "__main__":
    main()
