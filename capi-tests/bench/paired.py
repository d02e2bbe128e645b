"""bench.c, built once and run on the system's libssl.so.3 and on ours in turns."""

import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAM = ROOT / "build" / "capi-tests" / "bench"
CFLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-g", "-O2", "-Wall", "-Werror"]
LIBS = ["-lssl", "-lcrypto", "-lpthread"]

sys.path.insert(0, str(ROOT / "program-tests"))

from lib import OURS, SYSTEM


def build():
    """Compiles bench.c where it is newer than the program."""
    sources = [HERE / "bench.c", HERE.parent / "tls.h", HERE.parent / "harness.h"]
    if PROGRAM.exists() and PROGRAM.stat().st_mtime > max(s.stat().st_mtime for s in sources):
        return
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", *CFLAGS, "-o", PROGRAM, HERE / "bench.c", *LIBS], check=True)


def numbers(library, *args):
    """A run's lines as name to number, and the CPU seconds of the whole process."""
    with subprocess.Popen([PROGRAM, *map(str, args)], env=library.environment(), text=True,
                          stdout=subprocess.PIPE) as process:
        lines = process.stdout.read().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, [PROGRAM, *args])
    ran_on = os.path.realpath(lines[0].removeprefix("# libssl: "))
    if ran_on != library.path:
        raise ValueError(f"{ran_on} was run, not {library.path}")
    return ({name: float(value) for name, value in map(str.split, lines[1:])},
            usage.ru_utime + usage.ru_stime)


def measure(rounds, read):
    """`read(library)` in turns: for each name the median of ours and of the system's."""
    seen = {}
    for turn in range(rounds):
        for library in (OURS, SYSTEM)[::1 if turn % 2 else -1]:
            for name, value in read(library).items():
                seen.setdefault(name, {OURS: [], SYSTEM: []})[library].append(value)
    return {name: (statistics.median(both[OURS]), statistics.median(both[SYSTEM]))
            for name, both in seen.items()}


def startups(rounds):
    """How often a second of CPU time: a process started up to an SSL_CTX, a child's first
    connection."""
    both = measure(rounds, lambda library: {"start": 1 / max(numbers(library, "start")[1], 1e-6)})
    return both | measure(rounds, lambda library: numbers(library, "fork")[0])
