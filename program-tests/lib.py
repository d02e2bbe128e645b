"""What the program tests share: TAP, certificates, ports, and programs on one libssl or the other.

Our library is in $FERROSSL_LIB, by default build/lib. Everything started here is ended here, by its
process id.
"""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = pathlib.Path(__file__).resolve().parent / "peers"
PYTHON = "/usr/bin/python3"
HOST = "server.test"
OTHER_HOST = "other.test"
VERSIONS = ("TLSv1.2", "TLSv1.3")
DEADLINE = 30


class Failure(Exception):
    """What a case found wrong."""


class Skip(Exception):
    """Why a case cannot run here."""


class Library:
    """A libssl.so.3 and how a program comes to run on it."""

    def __init__(self, name, directory, in_front):
        self.name = name
        self.path = os.path.realpath(pathlib.Path(directory) / "libssl.so.3")
        self.directory = directory
        self.in_front = in_front

    def environment(self):
        """Ours, less what would choose a library or trust for the program."""
        unwanted = ("LD_LIBRARY_PATH", "LD_PRELOAD", "CURL_CA_BUNDLE", "OPENSSL_CONF", "PYTHONPATH")
        env = {name: value for name, value in os.environ.items()
               if name not in unwanted and not name.startswith("SSL_CERT")
               and not name.lower().endswith("_proxy")}
        if self.in_front:
            env["LD_LIBRARY_PATH"] = str(self.directory)
        return env

    def __str__(self):
        return self.name


OURS = Library("ours", pathlib.Path(os.environ.get("FERROSSL_LIB") or ROOT / "build" / "lib"), True)
SYSTEM = Library("system's", pathlib.Path("/usr/lib") / sysconfig.get_config_var("MULTIARCH"), False)

if not os.path.exists(OURS.path):
    sys.exit(f"no libssl.so.3 in {OURS.directory}: run `make` first")

# Each peer combination counts: (client's library, server's library).
PAIRS = ((OURS, OURS), (OURS, SYSTEM), (SYSTEM, OURS))


# --- TAP ---

class Tap:
    """Runs cases and prints a line for each; `only` is a part of the names of those to run."""

    def __init__(self):
        self.count = self.failed = 0
        self.only = sys.argv[1] if len(sys.argv) > 1 else ""

    def case(self, name, function, *args):
        """One line: `function` returns, or raises Failure or Skip."""
        if self.only in name:
            self.group(name, function, *args)

    def group(self, name, function, *args):
        """A case that runs others within; its line comes after theirs."""
        try:
            function(*args)
        except Skip as reason:
            self.line("ok", f"# SKIP {name}: {reason}")
        except (Failure, OSError, subprocess.SubprocessError, ValueError) as error:
            self.failed += 1
            self.line("not ok", f"- {name}")
            text = str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
            first, *rest = text.splitlines() or [""]
            for line in [first, *rest[-30:]]:
                print(f"#   {line}")
        else:
            self.line("ok", f"- {name}")
        sys.stdout.flush()

    def line(self, verdict, text):
        self.count += 1
        print(f"{verdict} {self.count} {text}")

    def end(self):
        """Prints the plan and exits."""
        print(f"1..{self.count}")
        sys.exit(self.failed != 0)


def expect(condition, what, seen=""):
    """Fails the case unless `condition` holds."""
    if not condition:
        raise Failure(f"{what}\n{seen}" if seen else what)


def contains(text, *parts):
    """Fails the case unless each of `parts` stands in `text`."""
    for part in parts:
        expect(part in text, f"missing: {part}", text)


def need(program):
    """The program's path, or a Skip."""
    path = shutil.which(program, path="/usr/bin:/usr/sbin:/bin:/sbin")
    if not path:
        raise Skip(f"{program} is not installed")
    return path


# --- processes ---

def mapped(pid):
    """The libssl that a process has mapped."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        found = {line.split(None, 5)[5].strip() for line in maps if "/libssl.so" in line}
    return ", ".join(sorted(found)) or "none"


def children(pid):
    """The process ids of a process's children."""
    return [int(child) for child in
            pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def on(library, pid):
    """Fails the case unless the process runs on `library`, waiting until it has loaded it."""
    end = time.monotonic() + 5
    while (seen := mapped(pid)) == "none" and time.monotonic() < end:
        time.sleep(0.02)
    expect(os.path.realpath(seen) == library.path, f"{seen} is mapped, not {library.path}")


class Result:
    """What a finished program left."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def text(self):
        return f"exit status {self.status}\n{self.out.decode(errors='replace')}\n" \
               f"{self.err.decode(errors='replace')}"


def run(library, *command, stdin=b"", timeout=DEADLINE):
    """Runs a program to its end."""
    with subprocess.Popen([str(word) for word in command], env=library.environment(),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return Result("timeout", out, err)
    return Result(process.returncode, out, err)


class Server:
    """A program in the background. Its output, both streams, is in `output()`."""

    def __init__(self, library, command, ready=None, stdin=None):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(word) for word in command],
                                        env=library.environment(), stdin=stdin or subprocess.DEVNULL,
                                        stdout=self.log, stderr=subprocess.STDOUT)
        self.library = library
        self.pid = self.process.pid
        try:
            if ready:
                self.wait_for(ready)
                on(library, self.pid)
        except BaseException:
            self.stop()
            raise

    def output(self):
        size = os.fstat(self.log.fileno()).st_size
        return os.pread(self.log.fileno(), size, 0).decode(errors="replace")

    def wait_for(self, ready):
        """Until `ready`, a port that accepts or a text in the output, is there."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if isinstance(ready, str):
                if ready in self.output():
                    return
            else:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", ready), 1):
                    return
            expect(self.process.poll() is None, f"ended with {self.process.returncode}",
                   self.output())
            time.sleep(0.02)
        raise Failure(f"never ready: {ready}\n{self.output()}")

    def stop(self):
        """Ends it; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if self.process.stdin:
            self.process.stdin.close()
        return self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        status = self.stop()
        crashes = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL)
        died = [s for s in crashes if status == -s]
        output = self.output()
        self.log.close()
        expect(not died, f"the server died of {died}", output)


def free_port():
    """A port on 127.0.0.1 that nobody has: below those that clients are given, one of which could
    take it before the server does."""
    for port in random.sample(range(20000, 32000), 100):
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failure("no free port between 20000 and 32000")


@contextlib.contextmanager
def silent_server():
    """The port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


# --- certificates, made with the system's library ---

class Pki:
    """A CA, certificates from it, and a second CA nobody trusts, in a folder of its own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="program-tests-")
        self.path = pathlib.Path(self.folder.name)
        self.path.chmod(0o755)
        self.ca = self._ca("ca")
        self.wrong_ca = self._ca("wrong-ca")
        self.cert, self.key = self._leaf("server", HOST, "serverAuth")
        self.other_cert, self.other_key = self._leaf("other", OTHER_HOST, "serverAuth")
        self.client_cert, self.client_key = self._leaf("client", "client.test", "clientAuth")

    def _openssl(self, *args):
        result = run(SYSTEM, "openssl", *args)
        if result.status != 0:
            sys.exit(f"openssl {args[0]}: {result.text}")

    def _ca(self, name):
        cert, key = self.path / f"{name}.pem", self.path / f"{name}.key"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-nodes", "-days", "30", "-subj", f"/CN=Test {name}", "-keyout", key,
                      "-out", cert, "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        return cert

    def _leaf(self, name, host, usage):
        cert, key = self.path / f"{name}.pem", self.path / f"{name}.key"
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                      "-subj", f"/CN={host}", "-keyout", key, "-out", cert,
                      "-CA", self.ca, "-CAkey", self.ca.with_suffix(".key"),
                      "-addext", f"subjectAltName=DNS:{host}",
                      "-addext", f"extendedKeyUsage={usage}",
                      "-addext", "basicConstraints=critical,CA:FALSE")
        return cert, key

    def ocsp_response(self):
        """A response of the CA that the server's certificate is good."""
        index, response = self.path / "index.txt", self.path / "ocsp.der"
        serial = run(SYSTEM, "openssl", "x509", "-in", self.cert, "-noout", "-serial").out
        number = serial.decode("ascii").strip().removeprefix("serial=")
        index.write_text(f"V\t491231235959Z\t\t{number}\tunknown\t/CN={HOST}\n", "ascii")
        self._openssl("ocsp", "-index", index, "-CA", self.ca, "-rsigner", self.ca, "-rkey",
                      self.ca.with_suffix(".key"), "-issuer", self.ca, "-cert", self.cert,
                      "-respout", response, "-ndays", "2", "-noverify")
        return response

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


# --- nginx ---

NGINX = """
daemon off; master_process on; worker_processes 2; user root;
pid {folder}/nginx.pid; error_log stderr warn;
events {{ worker_connections 128; }}
http {{
  access_log off; keepalive_timeout 20s; default_type application/octet-stream;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl http2; server_name {host}; root {root};
    ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols {protocols};
    {directives}
    location /upload {{ client_body_in_file_only on; proxy_pass http://unix:{folder}/upload.socket:/; }}
    location /about {{ return 200
      "$ssl_protocol $ssl_cipher $server_protocol [$ssl_client_s_dn] $ssl_client_verify $ssl_server_name\\n"; }}
  }}
  server {{ listen unix:{folder}/upload.socket; location / {{ return 200 "uploaded\\n"; }} }}
  {servers}
}}
"""


class Nginx(Server):
    """nginx with two workers, serving `root` over https; /about tells what was negotiated."""

    def __init__(self, library, pki, root, directives="", protocols="TLSv1.2 TLSv1.3", other=False,
                 servers=""):
        program = need("nginx")
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="program-tests-nginx-")
        if other:
            servers += f"""server {{ listen 127.0.0.1:{self.port} ssl http2; server_name {OTHER_HOST};
                ssl_certificate {pki.other_cert}; ssl_certificate_key {pki.other_key};
                location / {{ return 200 "other\\n"; }} }}"""
        config = pathlib.Path(self.folder.name) / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder.name, port=self.port, host=HOST, root=root,
                                       cert=pki.cert, key=pki.key, protocols=protocols,
                                       directives=directives, servers=servers), "ascii")
        super().__init__(library, [program, "-c", config, "-p", self.folder.name,
                                   "-e", "stderr"], ready=self.port)

    def workers(self):
        """Their process ids, each proven to be on the library."""
        end = time.monotonic() + DEADLINE
        while len(workers := children(self.pid)) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        for worker in workers:
            on(self.library, worker)
        return workers

    def stop(self):
        status = super().stop()
        self.folder.cleanup()
        return status
