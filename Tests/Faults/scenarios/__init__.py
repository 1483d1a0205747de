"""What is broken, a table of scenarios: each a function that does something to a running pipeline.

A scenario draws all its choices from `run.random`, so that the seed repeats them. When it returns, the suite lets
everything finish and checks the invariants.
"""
from dataclasses import dataclass
from typing import Callable


class Skipped(Exception):
    """The scenario cannot be played here; says why."""


@dataclass(frozen=True)
class Scenario:
    name: str
    play: Callable
    weight: int = 1  # how often it comes in each round of the table
    ci: bool = False  # whether it belongs to the fixed part
    prepare: Callable | None = None  # what has to be known before the processes start


TABLE: list[Scenario] = []


def scenario(name, weight=1, ci=False, prepare=None):
    def register(function):
        TABLE.append(Scenario(name, function, weight, ci, prepare))
        return function

    return register


def by_name(name):
    for found in TABLE:
        if found.name == name:
            return found
    raise KeyError(name)


def load():
    # Importing registers them.
    from . import api, brokers, by_hand, clock, group, kills, network, pages, replays, storage  # noqa: F401
