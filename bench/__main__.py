"""`make bench`: every table, or those named; printed, and written to bench/results/NAME.json."""

import importlib
import json
import pkgutil
import sys
from pathlib import Path

import bench
from bench.rows import table

RESULTS = Path(__file__).resolve().parent / "results"
NOT_TABLES = {"__main__", "database", "live", "mailroom", "naive", "postings", "rows"}


def tables() -> list[str]:
    """The modules of this package that have rows to give."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in NOT_TABLES)


def main(names: list[str]) -> int:
    """Run the tables; return 1 when a target is not met, 2 when there is no such table."""
    unknown = set(names) - set(tables())
    if unknown:
        print(f"There is no table {', '.join(sorted(unknown))}. There are: {', '.join(tables())}.", file=sys.stderr)
        return 2
    missed = []
    RESULTS.mkdir(exist_ok=True)
    for name in names or tables():
        print(f"\n{name} …", flush=True)
        rows = list(importlib.import_module(f"bench.{name}").rows())
        (RESULTS / f"{name}.json").write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n")
        print(table(rows), flush=True)
        missed += [f"{name}: {row.name}" for row in rows if row.met is False]
    for miss in missed:
        print(f"Not met: {miss}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
