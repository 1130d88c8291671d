"""Run by `aequitas_groups` in aequitas' own environment: holds one table in memory and times its metrics at each line read."""

import json
import sys
import time

import pandas as pd
from aequitas.group import Group

NAMES = {"tpr": "true_positive_rate", "fpr": "false_positive_rate", "precision": "precision", "pprev": "selection_rate"}


def main(path: str) -> None:
    """Answer every line on standard input with seconds and values."""
    table = pd.read_parquet(path, columns=["y", "yhat", "race"]).rename(columns={"y": "label_value", "yhat": "score"})
    table["race"] = table["race"].astype(object)
    for _line in sys.stdin:
        started = time.perf_counter()
        found, _columns = Group().get_crosstabs(table, attr_cols=["race"])
        seconds = time.perf_counter() - started
        rows = found.set_index("attribute_value")[list(NAMES)].rename(columns=NAMES)
        print(json.dumps({"seconds": seconds, "values": rows.to_dict("index")}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
