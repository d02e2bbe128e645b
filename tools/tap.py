"""Runs a program that prints TAP and reads its results."""

import os
import re
import signal
import subprocess


class Results:
    """The checks of one program's run, and what was wrong with the run itself."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lines = []      # to be shown: failed checks in full, the end of a bad run
        self.outcomes = []   # "= text": what two runs of the same program must have alike
        self.trouble = None  # the run itself: died, timeout, no plan

    @property
    def checks(self):
        return self.passed + self.failed + self.skipped

    @property
    def failures(self):
        return self.failed + (1 if self.trouble else 0)

    @property
    def verdict(self):
        return self.trouble or (f"FAIL {self.failed}" if self.failed else "ok")


def execute(command, env, timeout, cwd=None):
    """Output, stderr and status; a run past its time ends with its whole process group."""
    with subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", start_new_session=True) as process:
        try:
            out, err = process.communicate(timeout=timeout)
            return out, err, process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return out, err, "timeout"


def read(out, err, status):
    """The results in what a program printed and how it ended."""
    results, plan = Results(), None
    for line in out.splitlines():
        if re.match(r"ok \d+.*# SKIP", line):
            results.skipped += 1
        elif line.startswith("= "):
            results.outcomes.append(line[2:])
        elif re.match(r"ok \d+", line):
            results.passed += 1
        elif re.match(r"not ok \d+", line):
            results.failed += 1
            results.lines.append(line)
        elif match := re.match(r"1\.\.(\d+)", line):
            plan = int(match.group(1))
    results.trouble = _trouble(results, plan, status)
    if results.trouble:
        results.lines += [f"last: {line}" for line in out.splitlines()[-1:]]
        results.lines += [f"stderr: {line}" for line in err.splitlines()[-15:]]
    return results


def _trouble(results, plan, status):
    if status == "timeout":
        return "timeout"
    if status < 0:
        return f"died of {signal.Signals(-status).name}"
    if plan is None:
        return f"ended early (exit {status})"
    if plan != results.checks or plan == 0:
        return f"{results.checks} checks, planned {plan}"
    if (status != 0) != (results.failed > 0):
        return f"exit {status}"
    return None
