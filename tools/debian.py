"""Debian's source packages, fetched without touching what apt is set up to do here."""

import functools
import os
import re
import shutil
import subprocess
import pathlib

ENV = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
ETC = pathlib.Path("/etc/apt")


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


def install(*packages):
    """Sees to it that packages are installed, as root; a Skip where they cannot be."""
    if subprocess.run(["dpkg", "-s", *packages], capture_output=True).returncode == 0:
        return
    command = ["apt-get", "install", "-qqy", "--no-install-recommends", *packages]
    try:
        try:
            run(command)
        except Failure:
            # A fresh system knows no package; an older one the versions of some time ago.
            run(["apt-get", "update", "-qq"])
            run(command)
    except (Failure, OSError) as error:
        raise Skip(f"cannot install {' '.join(packages)}: {str(error)[-200:]}") from error


def as_source_entries(name, text):
    """What gives the binary packages of a file of sources, as what gives their sources."""
    if name.endswith(".sources"):
        return re.sub(r"^Types:.*$", "Types: deb-src", text, flags=re.MULTILINE | re.IGNORECASE)
    return "".join(f"{line}\n" for line in re.sub(r"^\s*deb(?=\s)", "deb-src", text,
                                                  flags=re.MULTILINE).splitlines()
                   if line.startswith("deb-src"))


@functools.cache
def apt_options(work):
    """Options by which apt knows the source packages, with lists of its own below `work`."""
    own = work / "apt"
    shutil.rmtree(own, ignore_errors=True)
    for folder in ("sources.list.d", "lists/partial", "cache/archives/partial"):
        (own / folder).mkdir(parents=True)
    for path in [ETC / "sources.list", *(ETC / "sources.list.d").glob("*.list"),
                 *(ETC / "sources.list.d").glob("*.sources")]:
        if path.exists():
            (own / "sources.list.d" / path.name).write_text(
                as_source_entries(path.name, path.read_text()))
    settings = {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": own / "sources.list.d",
                "Dir::State::lists": own / "lists", "Dir::Cache": own / "cache",
                # _apt need not be able to read below `work`.
                "APT::Sandbox::User": "root"}
    options = [x for name, value in settings.items() for x in ("-o", f"{name}={value}")]
    try:
        # One source of several that cannot be reached is no reason to stop.
        run(["apt-get", *options, "update", "-qq"])
    except Failure:
        pass
    return options


def versions(options, package):
    """The versions of a source package that the archives list, newest first."""
    found = {}
    for entry in run(["apt-cache", *options, "showsrc", package]).split("\n\n"):
        fields = dict(re.findall(r"^([\w-]+): *(.*)$", entry, re.MULTILINE))
        if fields.get("Package") == package:
            found[fields["Version"]] = True
    older = lambda a, b: subprocess.run(["dpkg", "--compare-versions", a, "lt", b],
                                        check=False).returncode == 0
    return sorted(found, key=functools.cmp_to_key(lambda a, b: 1 if older(a, b) else -1))


def fetch(work, package, folder):
    """Unpacks the newest version into `folder` that the archives can give: what they list of
    security updates they do not always have."""
    try:
        install("dpkg-dev")
        options = apt_options(work)
        listed = versions(options, package)
    except (Failure, OSError) as error:
        raise Skip(f"no source of {package}: {str(error)[-200:]}") from error
    said = "the archives list none"
    for version in listed:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            run(["apt-get", *options, "source", "-qq", f"{package}={version}"], cwd=folder)
            return
        except Failure as error:
            said = f"{version}: {str(error)[-200:]}"
    raise Skip(f"no source of {package}: {said}")


def source(work, package):
    """The unpacked source package, kept in a folder of `work`."""
    place = work / package
    if not place.exists():
        new = work / f"{package}.new"
        fetch(work, package, new)
        new.rename(place)
    return next(p for p in place.iterdir() if p.is_dir())


def forget(work):
    """Removes apt's lists and packages from `work`; the sources stay."""
    shutil.rmtree(work / "apt", ignore_errors=True)
