"""Benchmark: the PDF of a report of 100 pages, and of one with 2,000 runs, in a process of its own: seconds and peak memory."""

import io
import json
import resource
import subprocess
import sys
import time
from typing import Any

SIZES = {"1,200 runs": 1200, "2,000 runs": 2000}


def main() -> dict[str, dict[str, float]]:
    """Each size in a process of its own, since memory is that of a whole process."""
    found = {}
    for name, runs in SIZES.items():
        done = subprocess.run([sys.executable, __file__, str(runs)], capture_output=True, text=True, check=True)
        found[name] = json.loads(done.stdout.splitlines()[-1])
        for what, value in found[name].items():
            print(f"{name:<12} {what:<24} {value:10.4g}")
    return found


def measured(runs: int) -> dict[str, float]:
    """One document of a measured version with so many runs."""
    import django

    django.setup()
    from pypdf import PdfReader

    from reports import pdf

    data = data_of(runs)
    context = {"data": data, "digest": "0" * 64, "code": "0000-0000-0000-0000", "language": "en", "charts": {}}
    began, worked = time.perf_counter(), time.process_time()
    html = pdf.html_of("reports/documents/measured.html", context, language="en")
    content = pdf.render(html, fixed_id="bench", data=json.dumps(data).encode())
    seconds = time.perf_counter() - began
    pages = len(PdfReader(io.BytesIO(content)).pages)
    return {
        "pages": pages,
        "seconds": seconds,
        "seconds of computing": time.process_time() - worked,
        "seconds a 100 pages": 100 * seconds / pages,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


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
        import os

        sys.path.insert(0, os.getcwd())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        print(json.dumps(measured(int(sys.argv[1]))))
    else:
        main()
