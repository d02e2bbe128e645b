"""Debian's source packages."""

import os
import shutil
import subprocess

ENV = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}


class Skip(Exception):
    """What is needed cannot be had here."""


class Failure(Exception):
    """The build or the run is not as it must be."""


def run(command, cwd=None, env=ENV, **options):
    """The output of a command; a Failure with its end when it fails."""
    result = subprocess.run(command, cwd=cwd, env=env, text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if result.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}:\n{result.stdout[-2000:]}")
    return result.stdout


def source(work, package):
    """The unpacked source package, kept in a folder of `work`."""
    place = work / package
    if not place.exists():
        fetch = work / f"{package}.new"
        shutil.rmtree(fetch, ignore_errors=True)
        fetch.mkdir(parents=True)
        try:
            run(["apt-get", "source", "-qq", package], cwd=fetch)
        except (Failure, OSError) as error:
            raise Skip(f"apt-get source {package}: {str(error)[-200:]}") from error
        fetch.rename(place)
    return next(p for p in place.iterdir() if p.is_dir())
