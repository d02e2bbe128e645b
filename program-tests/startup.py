#!/usr/bin/python3
"""What short-lived processes pay: starting up to an SSL_CTX, and a forked child's first
connection."""

import sys

from lib import ROOT, Tap, expect

sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "capi-tests" / "bench"))

import paired

ROUNDS = 15
# Other processes disturb what is measured: only what is far off counts.
LIMIT = 3
CASES = (("start", "a process up to its first SSL_CTX"), ("fork", "a child's first connection"))


def within(rates):
    ours, system = rates
    expect(system / ours <= LIMIT, "too much CPU time",
           f"{1e3 / ours:.2f} ms, the system's {1e3 / system:.2f} ms")


def main():
    tap = Tap()
    paired.build()
    results = paired.startups(ROUNDS)
    for name, what in CASES:
        tap.case(f"{what} takes at most {LIMIT} times the CPU time of the system's", within,
                 results[name])
    tap.end()


if __name__ == "__main__":
    main()
