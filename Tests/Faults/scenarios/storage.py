"""The warehouse's files: busy, read-only, on a full disk, cut back to an earlier state."""
import os
import shutil
import sqlite3
import subprocess

from . import Skipped, scenario

FILES = ("raw.db", "ods.db")


def on_small_disk(run):
    """The warehouse lies on a small file system of its own."""
    place = run.directory / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m", "retailflow", place], capture_output=True)  # fmt: skip
    if not mounted or mounted.returncode != 0:
        raise Skipped("only root can mount a small file system")
    run.clean_up.append(lambda: subprocess.run(["umount", "-l", place], capture_output=True))
    run.disk = place
    run.use_warehouse(place / "warehouse")


@scenario("disk-full", weight=2, prepare=on_small_disk)
def disk_full(run):
    """No space is left on the warehouse's disk; later there is."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 6))
    ballast = run.disk / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while file.write(bytes(65_536)):
                pass
        except OSError:
            pass
    run.wait(run.random.uniform(3, 9))
    ballast.unlink()
    run.blow("ingest", "there is room again on the disk")
    run.recover()


@scenario("read-only", prepare=on_small_disk)
def read_only(run):
    """The warehouse can be read and not written; the parts say 73 until it can."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 6))
    for part in ("extract", "ingest", "batch"):
        run.tolerated[(part, 73)] = "this user (may read and write|write permission)"
    run.hold("extract", "ingest", "batch")
    remount(run, "ro")
    run.release("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 8))
    remount(run, "rw")
    run.blow("ingest", "the warehouse can be written again")
    run.recover()
    if ("ingest", 0) in run.ends:
        run.violations.append("ingest ended with 0 on a read-only warehouse")


def remount(run, mode):
    done = subprocess.run(["mount", "-o", f"remount,{mode}", run.disk], capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"the disk cannot be made {mode}: {done.stderr.strip()}")


@scenario("database-busy", weight=2, ci=True)
def database_busy(run):
    """Another program holds the write lock of one of the files for a while."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    name = run.random.choice((*FILES, "dmt.db", "ops.db"))
    other = sqlite3.connect(run.warehouse / name, timeout=60, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    run.wait(run.random.uniform(1, 15))
    other.execute("ROLLBACK")
    other.close()
    run.blow("ingest", f"{name} is free again")
    run.recover()


@scenario("killed-while-the-database-is-busy", weight=2, ci=True)
def killed_while_busy(run):
    """ingest is killed with a batch in hand that it could not write: Kafka must not have its offsets."""
    run.start("extract", "ingest", "batch")
    for name in FILES:
        run.wait(run.random.uniform(2, 4))
        other = sqlite3.connect(run.warehouse / name, timeout=60, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        # Long enough that a batch waits for the lock, and shorter than ingest waits for it.
        run.wait(run.random.uniform(1.5, 4))
        run.inspect_share = 1
        run.kill("ingest")
        other.execute("ROLLBACK")
        other.close()
        run.recover()


@scenario("database-cut-back", weight=3, ci=True)
def database_cut_back(run):
    """A file is back in an earlier state while Kafka's offsets are ahead, as a power cut may leave it."""
    names = run.random.choice((("raw.db",), ("ods.db",), ("raw.db", "ods.db"), ("dmt.db",)))
    run.start("extract", "ingest")
    run.wait(run.random.uniform(2, 5))
    run.hold("ingest")
    earlier = run.directory / "earlier"
    earlier.mkdir()
    for name in names:
        for part in ("", "-wal"):
            if (run.warehouse / (name + part)).exists():
                shutil.copy(run.warehouse / (name + part), earlier)
    run.release("ingest")
    run.blow("ingest", "held for the copy")
    run.recover()
    run.wait(run.random.uniform(1, 4))
    run.hold("ingest", "extract")
    for name in names:
        for part in ("", "-wal", "-shm"):
            (run.warehouse / (name + part)).unlink(missing_ok=True)
            if (earlier / (name + part)).exists():
                shutil.copy(earlier / (name + part), run.warehouse)
    run.notes.append("cut back: " + " ".join(names))
    run.release("ingest", "extract")
    run.start("batch")
    run.blow("ingest", f"{' and '.join(names)} cut back")
    run.recover()
