"""Models that are no good, from the upload to the page of the run: a sentence that names the place, and nothing recorded."""

from functools import partial

import numpy as np
import pytest
from django.db import transaction
from django.urls import reverse

from rai import actions, tasks
from rai.models import CheckRun, Predictions
from rai.sandbox import launcher, levels
from rai.sandbox.limits import GIB, Limits
from registry import jobs
from registry.audit import log
from registry.models import Evidence, JobStatus
from tests import factories
from tests.rai.sandbox import makers, test_bad_models as bad, test_models as good
from tests.rai.sandbox.mutants import mutant
from tests.rai.sandbox.test_worker_survives import CHOSEN, SEED
from tests.rai.test_bad_input import require_said, require_sound_log, words_of

pytestmark = pytest.mark.skipif(
    launcher.level() not in (levels.KERNEL_WALLS, levels.BUBBLEWRAP), reason="this kernel offers no walls: level D"
)
ROWS = 60
TIGHT = Limits(memory=4 * GIB, processor=2, wall=20)
NOTHING = "Nothing was recorded"


def made(kind: str, change=lambda content: content) -> makers.Made:
    """A sound model of a format, its bytes changed."""
    sound = makers.MODELS[kind]()
    return makers.Made(sound.name, change(sound.content), sound.scores)


def cut(content: bytes) -> bytes:
    """The first half."""
    return content[: len(content) // 2]


def outside() -> makers.Made:
    """An ONNX model whose weights lie in another file."""
    model = good.spoilt()
    good.spoil_in_graph(model)
    return makers.Made("model.onnx", model.SerializeToString(), None)


def calling() -> makers.Made:
    """A skops archive that names a function of the system."""
    trick = good.TRICKS["os.system"] | {"__id__": 1, "content": {}}
    return makers.Made("model.skops", good.renamed(lambda schema: schema | {"further": trick}), None)


def logarithm() -> makers.Made:
    """A model that takes the logarithm of an age."""
    import onnx

    return bad.of_nodes(onnx.helper.make_node("Log", ["age"], ["y"]))


# Bad input: the model, what is changed in the rows, and words that must stand on the run's page.
BAD = {
    **{f"a mutated file that crashes its reader: {kind}": (
        partial(made, kind, partial(mutant, seed=SEED, number=CHOSEN[kind][0])), {}, ["model.", "the parser ended with SIG", NOTHING]
    ) for kind in ("lightgbm_text", "xgboost_ubj")},
    **{f"half a file: {kind}": (partial(made, kind, cut), {}, [f"model.{ending}", *words]) for kind, ending, words in (
        ("lightgbm_text", "txt", ["is not whole", "save_model"]), ("xgboost_json", "json", ["XGBoost", "Save it again"]),
        ("xgboost_ubj", "ubj", ["XGBoost", "Save it again"]), ("onnx", "onnx", ["is not a whole ONNX model", "Export it again"]),
        ("skops", "skops", ["ZIP archive", "Unpack it"]),
    )},
    "data outside the file": (outside, {}, ["model.onnx is not run: it keeps data in another file", "as one ONNX file"]),
    "a type that runs code": (calling, {}, ["model.skops is not run: it names the type", "not on the list of reviewed types"]),
    "a loop without an end": (bad.endless, {}, ["model.onnx", "more than 2 seconds of processor time", NOTHING]),
    "a memory bomb": (partial(bad.huge, 20_000_000_000, 1), {}, ["model.onnx", "it needs more than 4 GiB of memory", NOTHING]),
    "an output flood": (partial(bad.huge, 5_000_000, 1), {}, ["model.onnx gives no number a row", "Export it with its probabilities"]),
    "two outputs": (partial(bad.two_outputs, "skops"), {}, ["two.skops gives 2 scores a row", "Export one model a score"]),
    "a column that the data lack": (partial(made, "onnx"), {"debt": None}, ["rows.csv lacks 1 of the columns that are needed", "debt"]),
    "words where numbers are wanted": (partial(made, "skops"), {"age": ["old"] * ROWS}, ["column “age” holds “old” in row 1"]),
    "a category never seen": (partial(made, "skops with text"), {"job": ["unheard of"] * ROWS}, ["model.skops stopped at the rows", "another kind than in training"]),
    "empty cells": (partial(made, "skops with text"), {"age": ["", *[1.0] * (ROWS - 1)]}, ["does not take empty cells", "column “age” has 1"]),
    "scores that are no numbers": (logarithm, {"age": [-1.0] * 7 + [1.0] * (ROWS - 7)}, ["model.onnx gives no finite number for 7 of 60 rows"]),
}  # fmt: skip


def table(changed) -> bytes:
    """The rows as CSV, with columns put in the place of theirs, or left out."""
    columns = {name: values[:ROWS] for name, values in makers.rows().items()} | changed
    kept = {name: values for name, values in columns.items() if values is not None}
    return "\n".join(
        [",".join(kept), *(",".join(map(str, row)) for row in zip(*kept.values(), strict=True)), ""]
    ).encode()


@pytest.fixture
def ran(cast, client, monkeypatch):
    """Asks a model again on the form of its page; a task runs it in a real child."""
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **more: None)
    client.force_login(cast.owner)

    def run(model, content, **asked) -> CheckRun:
        version = factories.make_version(cast, artifact=model.content, artifact_name=model.name)
        rows = read(actions.upload_predictions(version, content=content, name="rows.csv", actor=cast.owner), content)
        posted = {"check": "consistency", "predictions": rows.pk, "tolerance": "0.00001", **asked}
        assert client.post(reverse("check-request", args=[version.pk]), posted).status_code == 302
        job = CheckRun.objects.get(version=version)
        tasks.run_check(str(job.pk))
        return CheckRun.objects.get(pk=job.pk)

    return run


def read(row: Predictions, content: bytes) -> Predictions:
    """The table, its columns read; other tests have a child read them."""
    names = content.split(b"\n", 1)[0].decode().split(",")
    with transaction.atomic():
        job = jobs.claim(Predictions, row.pk)
        job.rows, job.columns = ROWS, [{"name": name, "type": "text", "values": [], "distinct": 0, "nulls": 0, "rows": ROWS} for name in names]  # fmt: skip
        jobs.finish(job)
        log.record(None, "predictions.read", job)
    return Predictions.objects.get(pk=row.pk)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_model_ends_its_run_with_a_sentence_on_the_page_that_names_the_place(ran, client, name, monkeypatch):
    """P7, bad input: no evidence, no verdict; the file, and the column and row where it is one, stand in the sentence."""
    model, changed, words = BAD[name]
    if model is bad.endless:
        monkeypatch.setitem(launcher.TASK_LIMITS, "attempt", TIGHT)
    run = ran(model(), table(changed))
    assert (run.status, run.verdict, run.evidence) == (JobStatus.ERRORED, "", None), run.reason
    require_said(words_of(client, run.get_absolute_url()), words)
    assert not Evidence.objects.exists()
    require_sound_log()


def test_a_model_that_contradicts_its_uploaded_scores_is_a_finding_on_the_page(ran, client):
    """Bad input: the run ends with evidence, whose page says so and how many of the rows differ."""
    model = made("lightgbm_text")
    said = np.array(model.scores[:ROWS])
    said[: ROWS // 2] = 1 - said[: ROWS // 2]
    run = ran(model, table({"said": said}), uploaded="said")
    assert run.status == JobStatus.FINISHED and run.evidence is not None, run.reason
    share = run.evidence.outcome["overall"]["metrics"]["disagreeing_share"]
    assert (float(share["value"]), share["n"]) == (0.5, ROWS)
    words = [
        "The uploaded scores are not those of this model",
        "Rows whose uploaded score is not the model's: 50",
        "on 60 rows",
    ]
    require_said(words_of(client, run.get_absolute_url()), words)
    require_sound_log()
