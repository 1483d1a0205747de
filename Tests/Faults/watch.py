"""Sees new rows arrive in a warehouse, and measures how long that took after a fault."""
import sqlite3
from dataclasses import dataclass
from pathlib import Path


def query(file, sql, parameters=()):
    """Rows of a database file that others write; None while it cannot be read."""
    if not Path(file).exists():
        return None
    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=2)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()
    except sqlite3.Error:
        return None


@dataclass
class Blow:
    """A fault at an instant, and when the first new row came after it."""

    what: str
    time: float  # seconds of UTC: the version of a record, too, is a time
    kind: str = "other"  # "process": kill -9; "broker": a broker killed; "outage": the return of the cluster
    layer: str = "ods"  # ods: a sale served after it arrived; mart: another generation
    generation: int = 0
    seconds: float | None = None  # until the first new row


class Watch:
    """The state of a warehouse as seen from outside."""

    def __init__(self, warehouse):
        self.warehouse = Path(warehouse)

    def newest_version(self):
        """The latest instant (seconds) at which the API served a sale that is in ods; 0 before the first."""
        rows = query(self.warehouse / "ods.db", "SELECT max(version) FROM sales")
        return (rows[0][0] or 0) / 1e6 if rows else 0.0

    def generation(self):
        rows = query(self.warehouse / "dmt.db", "SELECT number FROM generation")
        return rows[0][0] if rows else 0

    def sales(self):
        rows = query(self.warehouse / "ods.db", "SELECT count(*) FROM sales")
        return rows[0][0] if rows else 0

    def close(self, blows, now):
        """Notes for each open blow whether a new row is there."""
        open_blows = [blow for blow in blows if blow.seconds is None and blow.time <= now]
        if not open_blows:
            return
        version = self.newest_version() if any(blow.layer == "ods" for blow in open_blows) else 0
        generation = self.generation() if any(blow.layer == "mart" for blow in open_blows) else 0
        for blow in open_blows:
            if (version > blow.time) if blow.layer == "ods" else (generation > blow.generation):
                blow.seconds = now - blow.time
