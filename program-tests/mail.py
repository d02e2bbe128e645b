#!/usr/bin/python3
"""Postfix and Dovecot, unmodified, on our library: STARTTLS and TLS from the first byte, with
Python's clients on our library and the system's; what arrives is checked."""

import contextlib
import grp
import hashlib
import json
import os
import pathlib
import pwd
import tempfile

from lib import (HOST, OURS, PYTHON, SYSTEM, VERSIONS, Failure, Pki, Server, Skip, Tap, contains,
                 expect, free_port, mapped, need, run)

BODY = [hashlib.shake_128(str(i).encode()).hexdigest(35) for i in range(3000)]

CLIENT = r"""
import imaplib, json, smtplib, ssl, sys
how, port, ca, version, host, data = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version.replace(".", "_"))
class Here:
    "Connects to 127.0.0.1 whatever the name."
    def _get_socket(self, host, port, timeout):
        import socket
        sock = socket.create_connection(("127.0.0.1", port), timeout)
        return context.wrap_socket(sock, server_hostname=host) if self.whole else sock
    def _create_socket(self, timeout):
        import socket
        sock = socket.create_connection(("127.0.0.1", self.port), timeout)
        return context.wrap_socket(sock, server_hostname=host) if self.whole else sock
class Smtp(Here, smtplib.SMTP): whole = False
class Smtps(Here, smtplib.SMTP): whole = True
class Imap(Here, imaplib.IMAP4): whole = False
class Imaps(Here, imaplib.IMAP4): whole = True
told = {}
if how in ("smtp", "smtps"):
    lines = json.load(open(data))
    with (Smtp if how == "smtp" else Smtps)(host, int(port), timeout=30) as smtp:
        smtp._host = host
        smtp.ehlo("client.test")
        if how == "smtp":
            smtp.starttls(context=context)
            smtp.ehlo("client.test")
        told["version"] = smtp.sock.version()
        smtp.sendmail("from@client.test", ["root@" + host], "Subject: test\r\n\r\n" + "\r\n".join(lines))
else:
    imap = (Imap if how == "imap" else Imaps)(host, int(port), timeout=30)
    if how == "imap":
        imap.starttls(context)
    told["version"] = imap.sock.version()
    imap.login("tester", "secret")
    imap.append("INBOX", None, None, open(data, "rb").read())
    imap.select("INBOX")
    told["count"] = len(imap.search(None, "ALL")[1][0].split())
    body = imap.fetch(b"%d" % told["count"], "(BODY[TEXT])")[1][0][1].decode()
    told["lines"] = body.split("\r\n")[:-1]
    imap.logout()
print(json.dumps(told))
"""


def client(library, pki, how, port, version, data):
    result = run(library, PYTHON, "-c", CLIENT, how, port, pki.ca, version, HOST, data)
    expect(result.status == 0, f"the {how} client failed", result.text)
    return json.loads(result.out)


def family(pid):
    """A process and all below it."""
    yield pid
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
        yield from family(int(child))


def ours_below(server):
    """Fails the case unless some process of the server runs on our library and none on another."""
    seen = set()
    for pid in family(server.pid):
        with contextlib.suppress(OSError):
            seen.add(mapped(pid))
    seen.discard("none")
    expect({os.path.realpath(path) for path in seen} == {OURS.path}, f"mapped: {seen}")


def as_root():
    if os.geteuid() != 0:
        raise Skip("only root can start it")


# --- Dovecot ---

DOVECOT = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
listen = 127.0.0.1
import_environment = TZ LD_LIBRARY_PATH
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
mail_location = maildir:{folder}/mail
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
verbose_ssl = yes
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
service anvil {{
  chroot =
}}
"""


@contextlib.contextmanager
def dovecot(pki):
    as_root()
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        folder.chmod(0o755)
        mail = folder / "mail"
        mail.mkdir()
        os.chown(mail, pwd.getpwnam("mail").pw_uid, grp.getgrnam("mail").gr_gid)
        ports = {"imap": free_port(), "imaps": free_port()}
        config = folder / "dovecot.conf"
        config.write_text(DOVECOT.format(folder=folder, cert=pki.cert, key=pki.key, **ports),
                          "ascii")
        # The master does no TLS itself; its children do.
        server = Server(OURS, [need("dovecot"), "-F", "-c", config])
        try:
            server.wait_for(ports["imaps"])
            yield server, ports
        except Failure as failure:
            raise Failure(f"{failure}\n{server.output()}") from failure
        finally:
            server.stop()


def dovecot_serves(pki):
    with dovecot(pki) as (server, ports), tempfile.NamedTemporaryFile() as message:
        message.write(("Subject: test\r\n\r\n" + "\r\n".join(BODY) + "\r\n").encode())
        message.flush()
        count = 0
        for library in (OURS, SYSTEM):
            for how, port in ports.items():
                for version in VERSIONS:
                    count += 1
                    told = client(library, pki, how, port, version, message.name)
                    expect(told["version"] == version, f"{how}: {told['version']}")
                    expect(told["count"] == count, f"{how}: {told['count']} messages, not {count}")
                    expect(told["lines"] == BODY, f"{how} {version}: another message came back")
                    ours_below(server)


# --- Postfix ---

POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
import_environment = LD_LIBRARY_PATH MAIL_CONFIG MAIL_LOGTAG TZ
myhostname = {host}
mydestination = {host}
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
local_transport = hold
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_restrictions = check_client_access static:HOLD
smtpd_tls_chain_files = {key}, {cert}
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
"""

POSTFIX_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
hold unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
proxymap unix - - n - - proxymap
"""


@contextlib.contextmanager
def postfix(pki):
    as_root()
    need("postfix")
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        folder.chmod(0o755)
        ports = {"smtp": free_port(), "smtps": free_port()}
        for name in ("config", "queue", "data"):
            (folder / name).mkdir()
        os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, 0)
        config = folder / "config"
        (config / "main.cf").write_text(
            POSTFIX_MAIN.format(folder=folder, host=HOST, cert=pki.cert, key=pki.key), "ascii")
        (config / "master.cf").write_text(POSTFIX_MASTER.format(**ports), "ascii")
        made = run(OURS, "/usr/sbin/postfix", "-c", config, "check")
        expect(made.status == 0, "postfix check", made.text)
        server = Server(OURS, ["/usr/sbin/postfix", "-c", config, "start-fg"])
        log = folder / "postfix.log"
        try:
            server.wait_for(ports["smtps"])
            yield server, ports, folder
        except Failure as failure:
            text = log.read_text() if log.exists() else ""
            raise Failure(f"{failure}\n{server.output()}{text[-3000:]}") from failure
        finally:
            run(OURS, "/usr/sbin/postfix", "-c", config, "stop")
            server.stop()


def held(folder):
    """The messages that Postfix holds, as text."""
    texts = []
    for file in sorted((folder / "queue" / "hold").glob("*")):
        result = run(SYSTEM, "/usr/sbin/postcat", "-c", folder / "config", file)
        texts.append(result.out.decode())
    return texts


def postfix_takes(pki):
    with postfix(pki) as (server, ports, folder), tempfile.NamedTemporaryFile("w") as message:
        json.dump(BODY, message)
        message.flush()
        count = 0
        for library in (OURS, SYSTEM):
            for how, port in ports.items():
                for version in VERSIONS:
                    told = client(library, pki, how, port, version, message.name)
                    expect(told["version"] == version, f"{how}: {told['version']}")
                    count += 1
                    ours_below(server)
        texts = held(folder)
        expect(len(texts) == count, f"{len(texts)} messages are held, not {count}")
        for text in texts:
            contains(text, "\n".join(BODY))
            expect("(using TLSv1." in text, "no Received line tells of TLS", text[:1500])


def main():
    tap = Tap()
    with Pki() as pki:
        tap.case("Dovecot: STARTTLS and IMAPS", dovecot_serves, pki)
        tap.case("Postfix: STARTTLS and SMTPS", postfix_takes, pki)
    tap.end()


if __name__ == "__main__":
    main()
