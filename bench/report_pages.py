"""Benchmark: the PDF of a report of 100 pages, and of one with 2,000 runs, on one core and on two: seconds and peak memory.

Each is drawn in a process of its own that may use so many cores; memory is that of all processes together, pages that they
share counted once.
"""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SIZES = {"1,200 runs": 1200, "2,000 runs": 2000}
CORES = (1, 2)
EVERY = 0.1


def main(rounds: int = 3) -> dict[str, dict[str, float]]:
    """Each size on one core and on two, in turn; of each figure the smallest."""
    found: dict[str, dict[str, float]] = {name: {} for name in SIZES}
    for _round in range(rounds):
        for name, runs in SIZES.items():
            for cores in CORES:
                for what, value in watched(runs, cores).items():
                    found[name][what] = min(value, found[name].get(what, value))
    for name, figures in found.items():
        one, two = (figures[f"{cores}: seconds"] for cores in CORES)
        figures["share of the time on two cores"] = two / one
        for what, value in figures.items():
            print(f"{name:<12} {what:<36} {value:10.4g}")
    return found


def watched(runs: int, cores: int) -> dict[str, float]:
    """One document in a process of its own, and how much memory it and its children took together."""
    child = subprocess.Popen([sys.executable, __file__, str(runs), str(cores)], stdout=subprocess.PIPE)
    peak = 0.0
    with child:
        while child.poll() is None:
            peak = max(peak, sum(map(memory_of, family(child.pid))))
            time.sleep(EVERY)
        found = json.loads(child.stdout.read().splitlines()[-1])
    return {"pages": found["pages"], **{f"{cores}: {what}": value for what, value in found["took"].items()},
            f"{cores}: peak memory of all, MB": peak / 1024}  # fmt: skip


def family(process: int) -> Iterator[int]:
    """A process and all below it."""
    yield process
    for one in Path(f"/proc/{process}/task").glob("*/children"):
        for child in read(one).split():
            yield from family(int(child))


def memory_of(process: int) -> int:
    """The share of a process in memory, in kB; 0 when it is gone."""
    return sum(
        int(line.split()[1]) for line in read(Path(f"/proc/{process}/smaps_rollup")).splitlines() if line[:4] == "Pss:"
    )


def read(path: Path) -> str:
    """What the kernel says there; nothing of a process that is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""


def measured(runs: int) -> dict[str, Any]:
    """One document of a measured version with so many runs."""
    import django

    django.setup()
    from pypdf import PdfReader

    from reports import pdf, printing

    data = data_of(runs)
    context = {"data": data, "digest": "0" * 64, "code": "0000-0000-0000-0000", "language": "en", "charts": {}}
    began = time.perf_counter()
    html = printing.with_contents(pdf.html_of("reports/documents/measured.html", context, language="en"), "en")
    content = pdf.render(html, fixed_id="bench", data=json.dumps(data).encode())
    took = {"seconds": time.perf_counter() - began, "seconds of computing": sum(os.times()[:4])}
    return {"pages": len(PdfReader(io.BytesIO(content)).pages), "took": took}


def data_of(runs: int) -> dict[str, Any]:
    """What the fairness report prints of a version with this many runs."""
    run = {
        "check": "group_fairness", "requested_by": "Olga Owner", "requested_at": "2031-05-04T03:02:01+00:00",
        "status": "Errored", "verdict": "pass", "attempts": 1, "evidence": "sha256:" + "ab" * 32,
        "reason": "Column income has 12 empty values (rows 4, 90, 91). Fill them and upload the table again.",
    }  # fmt: skip
    return {
        "installation": "Bench", "title": "Fairness and explanation report", "as_of": "2031-05-04T03:02:01+00:00",
        "system": {"name": "Card offer", "unit": "Lending", "tier": "High"},
        "version": {"model": "Offer", "version": "1.3", "status": "Draft", "artifact": "sha256:" + "cd" * 32},
        "summary": [["Runs", f"{runs} runs", ""]], "checks": [], "plan": {}, "limits": [], "glossary": [],
        "runs": [run] * runs, "not_checked": [{"what": "Labels", "why": "Nobody looked."}],
    }  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.path.insert(0, os.getcwd())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[2])])
        print(json.dumps(measured(int(sys.argv[1]))))
    else:
        main()
