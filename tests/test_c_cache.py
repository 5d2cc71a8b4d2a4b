"""The folder of compiled files: only one's own, only whole ones, and work goes on where it cannot be used."""

import errno
import os
import shutil
import stat
import sys
import tempfile
import time
import warnings
from pathlib import Path

import pytest
from c_compilers import (
    ADDERS,
    SUM,
    fake,
    files,
    forget,
    fresh_cache,  # noqa: F401
    left_over,
    logged,
    mounted,
    needs_compiler,
    run,
)

from pellucid.errors import CacheError
from pellucid.toolchain import build, cache
from pellucid.toolchain.build import load

pytestmark = pytest.mark.usefixtures("folder")
posix_only = pytest.mark.skipif(os.name != "posix", reason="owners and rights as POSIX has them")


def works_in_a_private_folder(monkeypatch, why):
    """A fresh start: it warns once, says why, and everything is made elsewhere. The warning's text."""
    forget(monkeypatch)
    with pytest.warns(RuntimeWarning, match=why) as caught:
        library = load(ADDERS, "adders")
    assert library.add1(1) == 2
    messages = [str(each.message) for each in caught]
    assert len(messages) == 1
    assert caught[0].filename == __file__, "it stands at the user's line"
    private = cache.current().private
    assert len(files(private, ".o")) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(ADDERS[:2], "two").add2(1) == 3
    return messages[0]


@pytest.fixture(autouse=True)
def no_private_folder_stays():
    yield
    for store in cache.CACHES.values():
        if store.private:
            shutil.rmtree(store.private)


# ---- where it is


@pytest.mark.parametrize(("system", "variables", "place"), [
    ("linux", {"XDG_CACHE_HOME": "/x/cache"}, "/x/cache/pellucid/c"),
    ("linux", {"XDG_CACHE_HOME": "relative"}, "HOME/.cache/pellucid/c"),
    ("linux", {}, "HOME/.cache/pellucid/c"),
    ("darwin", {}, "HOME/Library/Caches/pellucid/c"),
    ("win32", {"LOCALAPPDATA": "/u/AppData/Local"}, "/u/AppData/Local/pellucid/c"),
    ("win32", {}, "HOME/AppData/Local/pellucid/c"),
    ("linux", {"PELLUCID_CACHE": "/mine"}, "/mine/c"),
    ("win32", {"PELLUCID_CACHE": "~/mine"}, "HOME/mine/c"),
])  # fmt: skip
@posix_only
def test_the_folder_of_each_system(monkeypatch, tmp_path, system, variables, place):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "PELLUCID_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", system)
    assert cache.user_folder() == Path(place.replace("HOME", str(tmp_path)))


@needs_compiler
def test_it_is_made_for_its_owner_alone_whatever_the_umask(folder):
    before = os.umask(0)
    try:
        load(ADDERS, "adders")
    finally:
        os.umask(before)
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in files(folder)} == {0o600}


@needs_compiler
def test_without_a_home_a_private_folder_serves(monkeypatch):
    monkeypatch.setattr(cache, "user_folder", lambda: None)
    works_in_a_private_folder(monkeypatch, "this user has no home folder")
    assert cache.current().size() == 0


# ---- whose it is


@needs_compiler
@posix_only
def test_a_folder_of_another_user_is_not_used(folder, monkeypatch):
    load(ADDERS, "adders")
    before = {path: path.stat().st_mtime_ns for path in files(folder)}
    own = os.geteuid()
    if own == 0:
        os.chown(folder, 12345, -1)
        message = works_in_a_private_folder(monkeypatch, "belongs to another user")
        assert "PELLUCID_CACHE" in message
    else:  # as somebody else, who could not go on to make files of his own here
        forget(monkeypatch)
        monkeypatch.setattr(os, "geteuid", lambda: own + 1)
        with pytest.warns(RuntimeWarning, match="belongs to another user"):
            assert cache.current().find(files(folder)[0].name.partition("-")[0], ".o") is None
    assert {path: path.stat().st_mtime_ns for path in files(folder)} == before, "nothing in it was used"


@needs_compiler
@posix_only
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_may_write_to_is_not_used(folder, monkeypatch, mode):
    load(ADDERS, "adders")
    folder.chmod(mode)
    message = works_in_a_private_folder(monkeypatch, "other users may write to")
    assert f'chmod go-w "{folder}"' in message
    folder.chmod(mode & ~0o022)  # as the message says
    forget(monkeypatch)
    assert load(ADDERS, "adders").add1(1) == 2


@needs_compiler
@posix_only
@pytest.mark.parametrize("which", ["folders inside", "files"])
@pytest.mark.parametrize("how", ["writable", "foreign"])
def test_single_files_that_are_not_ours_alone_are_not_used(folder, tmp_path, monkeypatch, which, how):
    monkeypatch.setenv("CC", fake(tmp_path, "log('called')\nreal()"))
    load(ADDERS, "adders")
    known = len(logged(tmp_path))
    for file in files(folder):
        path = file if which == "files" else file.parent
        if how == "writable":
            path.chmod(path.stat().st_mode | 0o020)
        elif os.geteuid() == 0:
            os.chown(path, 12345, -1)
        else:
            pytest.skip("only root can give files away")
    forget(monkeypatch)
    assert load(ADDERS, "adders").add1(1) == 2
    assert len(logged(tmp_path)) == 2 * known, "everything was found out and made again"


@needs_compiler
@posix_only
def test_a_link_in_place_of_a_file_is_not_followed(folder, tmp_path, monkeypatch):
    load(ADDERS, "adders")
    (library,) = files(folder, build.ENDING)
    elsewhere = tmp_path / "elsewhere"
    library.rename(elsewhere)
    library.symlink_to(elsewhere)
    assert not cache.is_whole(library)
    forget(monkeypatch)
    load(ADDERS, "adders")
    assert not library.is_symlink()


# ---- when it takes nothing


def refusing(monkeypatch, function, number, place):
    """Let a function of os or tempfile fail with this error for files under `place`."""
    module, name = function
    real = getattr(module, name)

    def refuse(*arguments, **options):
        if any(str(place) in str(argument) for argument in [*arguments, *options.values()]):
            raise OSError(number, os.strerror(number))
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, refuse)


REFUSALS = [errno.ENOSPC, errno.EROFS, errno.EACCES, getattr(errno, "EDQUOT", errno.ENOSPC)]


@needs_compiler
@pytest.mark.parametrize("number", REFUSALS)
@pytest.mark.parametrize("function", [(tempfile, "mkdtemp"), (tempfile, "TemporaryFile"), (os, "mkdir")])
def test_a_disk_that_refuses(folder, monkeypatch, function, number):
    if function[1] != "mkdir":
        folder.mkdir(mode=0o700, parents=True)
    refusing(monkeypatch, function, number, folder)
    message = works_in_a_private_folder(monkeypatch, os.strerror(number))
    assert "PELLUCID_CACHE" in message
    assert left_over(folder) == []


@needs_compiler
@pytest.mark.parametrize("number", REFUSALS)
def test_a_disk_that_refuses_the_finished_file(folder, monkeypatch, number):
    def refuse(made, path):
        if str(path).startswith(str(folder)):
            raise OSError(number, os.strerror(number))
        return real(made, path)

    real = os.replace
    monkeypatch.setattr(os, "replace", refuse)
    works_in_a_private_folder(monkeypatch, "cannot be written to")
    assert files(folder) == left_over(folder) == []


@needs_compiler
def test_a_disk_that_is_full_only_for_the_compiler(tmp_path, monkeypatch):
    """Its exit status is all that is seen of it; that the disk is full has to be found out."""
    monkeypatch.setenv("CC", fake(tmp_path, f"if {str(tmp_path / 'cache')!r} in os.getcwd(): sys.exit('full')\nreal()"))
    refusing(monkeypatch, (tempfile, "TemporaryFile"), errno.ENOSPC, "nowhere")
    asked = []

    def check_room(place):
        asked.append(place)
        if str(tmp_path) in str(place):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(cache, "check_room", check_room)
    works_in_a_private_folder(monkeypatch, "No space left on device")
    assert asked


@needs_compiler
def test_a_file_in_place_of_the_folder(folder, monkeypatch):
    folder.parent.mkdir()
    folder.write_text("not a folder", encoding="utf-8")
    works_in_a_private_folder(monkeypatch, "cannot be written to")
    assert folder.read_text(encoding="utf-8") == "not a folder"


@needs_compiler
def test_if_there_is_no_place_at_all_an_error_says_so(monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(cache, "warn", lambda message: None)
    with pytest.raises(CacheError, match="there is no place for compiled files"):
        load(ADDERS, "adders")


@needs_compiler
def test_if_the_temporary_folder_is_full_too_that_is_not_the_compilers_fault(tmp_path):
    disk = tmp_path / "disk"
    done = mounted("size=16k", disk, SUM, PELLUCID_CACHE=str(disk), TMPDIR=str(disk))
    assert done.returncode == 1
    assert "CacheError: compiled files cannot be kept" in done.stderr
    assert "To get one" not in done.stderr


@needs_compiler
@pytest.mark.parametrize("size", ["4k", "16k", "32k", "48k", "64k"])
def test_a_real_disk_that_is_full(tmp_path, size):
    disk = tmp_path / "disk"
    done = mounted(f"size={size}", disk, SUM, PELLUCID_CACHE=str(disk))
    assert (done.returncode, done.stdout) == (0, "117\n"), done.stderr
    if size != "64k":  # some are full at once, some when the library is linked
        assert "cannot be written to (No space left on device)" in done.stderr
        assert done.stderr.count("RuntimeWarning") == 1


@needs_compiler
@pytest.mark.parametrize(("option", "why"), [("ro", "Read-only file system"), ("noexec", "does not allow programs")])
def test_a_real_disk_that_may_only_be_read_or_runs_nothing(tmp_path, option, why):
    disk = tmp_path / "disk"
    done = mounted(option, disk, SUM, PELLUCID_CACHE=str(disk))
    assert (done.returncode, done.stdout) == (0, "117\n"), done.stderr
    assert why in done.stderr


@needs_compiler
def test_what_is_kept_serves_where_nothing_can_be_written(tmp_path, folder):
    """A computer whose cache was filled beforehand and is now closed."""
    run(SUM)
    remount = f"""
import subprocess
disk = {str(folder.parent)!r}
subprocess.run(['mount', '--bind', disk, disk], check=True)
subprocess.run(['mount', '-o', 'remount,bind,ro', disk], check=True)
try:
    open(disk + '/new', 'w')
except OSError as error:
    print(error.strerror)
"""
    done = mounted("size=1m", tmp_path / "other", remount + SUM)
    if "CalledProcessError" in done.stderr:
        pytest.skip("this user may not mount")
    assert done.stdout == "Read-only file system\n117\n"
    assert done.stderr == ""


# ---- the private folder


@needs_compiler
def test_the_private_folder_goes_with_its_process(tmp_path):
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    program = "from pellucid.toolchain import cache\nimport os\nprint(cache.current().private)\n"
    forking = "if hasattr(os, 'fork') and os.fork() == 0: raise SystemExit\nif hasattr(os, 'fork'): os.wait()\n"
    output, errors = run(SUM + program + forking + SUM + "print(cache.current().private.is_dir())")
    first, private, again, there = output.splitlines()
    assert (first, again, there) == ("117", "117", "True")
    assert not Path(private).exists()
    assert errors.count("RuntimeWarning") == 1


# ---- how much


def test_only_the_oldest_go_and_nothing_that_was_used_today(folder, monkeypatch):
    store = cache.Cache(folder)
    made = {}
    with store.workplace() as work:
        for days in range(5):
            (work / "file").write_bytes(bytes([days]) * 1000)
            made[days] = store.keep(work / "file", f"{days}{days}key", ".o")
    for days, path in made.items():
        os.utime(path, (time.time() - days * cache.DAY - 60,) * 2)
    monkeypatch.setattr(cache, "LIMIT", 3500)
    stale = folder / "work-broken-off"
    stale.mkdir()
    os.utime(stale, (1, 1))
    store.sweep()
    assert [days for days in made if made[days].exists()] == [0, 1, 2]
    assert not stale.exists()
    monkeypatch.setattr(cache, "LIMIT", 0)
    store.sweep()
    assert len(files(folder)) == 3, "at most one sweep a day"
    os.utime(folder / "swept", (1, 1))
    store.sweep()
    assert [days for days in made if made[days].exists()] == [0]
    assert store.size() == 1000


def test_what_is_used_counts_as_new(folder):
    store = cache.Cache(folder)
    with store.workplace() as work:
        (work / "file").write_bytes(b"content")
        path = store.keep(work / "file", "key", ".o")
    os.utime(path, (1, 1))
    assert store.find("key", ".o") == path
    assert time.time() - path.stat().st_mtime < 100


def test_a_loaded_library_need_not_be_replaced(folder, monkeypatch):
    """Windows refuses to replace it; what is there has the right content, or else the error stands."""
    store = cache.Cache(folder)

    def keep(content):
        with store.workplace() as work:
            (work / "file").write_bytes(content)
            return store.keep(work / "file", "key", ".dll")

    path = keep(b"content")

    def refuse(made, path):
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(os, "replace", refuse)
    assert keep(b"content") == path
    with pytest.raises(PermissionError):
        keep(b"other")
