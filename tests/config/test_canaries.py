"""Thirty canary secrets are let loose in a running installation; none is found where it has no business."""

import base64
import http.cookiejar
import io
import subprocess
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.db import connection, transaction

from config import services, sysroot
from rai import actions as checks
from rai.sandbox import launcher
from registry.actions import cards, datasets, inventory, people, releases, reviews, tokens
from registry.models import JobStatus
from reports import actions as documents
from risk import actions as incidents
from tests import factories
from tests.authz.test_addresses import things
from tests.authz.test_twins import mirrored, routes
from tests.authz.world import make_world
from tests.config.test_database_roles import asked, uploaded
from tests.environment import DATA_DIR
from tests.faults.test_worker_killed import fresh, until
from tests.risk import steps
from tests.servers import worker_env

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(420)]


def canary(name):
    """A word that stands nowhere else."""
    return f"kanari-{name}-7f3c9d"


# Secrets of the installation, as they are set in the environment of web and worker.
ENVIRONMENT = {
    "ATTESTRY_SECRET_KEY": canary("secret-key"),
    "ATTESTRY_EMAIL_URL": f"smtp://mail:{canary('mail-password')}@mail.invalid:25",
    "ATTESTRY_CHECKPOINT_WITNESS_TOKEN": canary("witness-token"),
    "AWS_SECRET_ACCESS_KEY": canary("cloud-key"),
    "PGPASSWORD": canary("database-password"),
}
CELL, ARTEFACT, RAGGED = canary("cell"), canary("artefact"), canary("ragged")
ROWS = "group,label,prediction,note\n" + "".join(
    f"{'ab'[n % 2]},{n % 3 == 0:d},{n % 4 == 0:d},{CELL}\n" for n in range(400)
)
# Texts of a unit, which its own people read and nobody else.
TEXTS = (
    "system", "purpose", "model", "card", "risk", "plan", "dataset", "notes", "reason", "file", "limit", "waiver",
    "instead", "incident", "harm", "note",
)  # fmt: skip


class Visitor:
    """Somebody with a browser, without one: cookies, forms, and all that was answered."""

    def __init__(self, root):
        self.root, self.jar, self.heard = root, http.cookiejar.CookieJar(), b""
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def open(self, path, form=None, **headers):
        """The status of an answer, whose head and body are kept."""
        data = None
        if form is not None:
            form = {**form, "csrfmiddlewaretoken": self.cookie("csrftoken")}
            data = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self.root + path, data, {"Referer": self.root + path, **headers})
        try:
            answer = self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            kept = {name: text for name, text in answer.headers.items() if name.lower() != "set-cookie"}
            self.heard += repr(kept).encode() + answer.read()
            return answer.status

    def cookie(self, name):
        """The value of a cookie."""
        return next((one.value for one in self.jar if one.name == name), "")

    def sign_in(self, person, password):
        """Through the form."""
        self.open("/login/")
        return self.open("/login/", {"username": person.email, "password": password})


def password_set(person):
    """A password that is a canary."""
    word = canary(f"password-{person.email.split('@')[0]}")
    person.set_password(word)
    person.save(update_fields=["password"])
    return word


@pytest.fixture
def installation(valkey, start_worker, monkeypatch):
    """A web server and a worker with the secrets in their environment; the address."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    start_worker(env=sysroot.environment())
    bind = f"127.0.0.1:{services.free_port()}"
    env = {**worker_env(valkey), "ATTESTRY_LOG_LEVEL": "INFO", "ATTESTRY_API_RATE": "100000/min"}
    web = services.start_web(env, bind, log=DATA_DIR / "canary-web.log")
    services.wait_for_web(web, bind)
    yield f"http://{bind}"
    web.stop()


def told_in_the_unit(cast):
    """A version with its story, full of words that belong to its unit."""
    system = factories.make_system(cast, name=canary("system"), purpose=f"{canary('purpose')} and enough words for it.")
    model = factories.make_model(cast, system)
    version = factories.make_version(cast, model, artifact=f"tree {ARTEFACT}".encode())
    cards.save_card(version, fields={"overview": f"{canary('card')} " * 5}, actor=cast.owner)
    steps.planned(cast, steps.registered(cast, system, title=canary("risk")), plan=f"{canary('plan')} is what is done.")
    datasets.register_dataset(cast.unit, name=canary("dataset"), actor=cast.owner)
    inventory.register_model(system, name=canary("model"), actor=cast.owner)
    checks.propose_baseline(
        system, slug="group_fairness", rule="selection_rate_difference<=0.5", actor=cast.risk_officer,
        rationale=f"{canary('limit')} is what was found bearable.",
    )  # fmt: skip
    factories.make_waiver(
        cast, version, gate="card", check="", reason=f"{canary('waiver')} is why.",
        compensating_controls=f"{canary('instead')} is done.",
    )  # fmt: skip
    incident = steps.reported(cast, system, title=canary("incident"), impacts=canary("harm"))
    incidents.manage_incident(incident, note=f"{canary('note')} was found.", actor=cast.risk_officer)
    review = releases.submit_for_review(
        factories.make_releasable(cast), notes=f"{canary('notes')} of a release.", actor=cast.owner
    )
    reviews.sign_off(
        review, duty="risk_officer", decision="approve", reason=f"{canary('reason')} to agree.",
        seen_digest=review.subject_digest, actor=cast.risk_officer,
    )  # fmt: skip
    return version


def finished(job):
    """The job when a worker has done it."""
    in_time = until(lambda: fresh(job).is_over, 150)
    now = fresh(job)
    assert in_time, f"{now} is {now.status} at {now.progress} %, attempt {now.attempts}: {now.message} {now.reason}"
    return now


def worked(cast, version):
    """Tables read, one of them ragged, a check on cells, and the pack of another version of the unit."""
    ragged = checks.upload_predictions(
        version, content=f"a,b\n1,2\n1,2,{RAGGED}\n".encode() * 3, name=f"{canary('file')}.csv", actor=cast.owner
    )
    assert finished(ragged).status == JobStatus.ERRORED
    run = asked(cast, version, uploaded(cast, version))
    assert finished(run).status == JobStatus.FINISHED, fresh(run).reason
    other = factories.make_version(cast)
    packs = [documents.request_pack(one, actor=cast.auditor) for one in (version, other)]
    assert [finished(pack).status for pack in packs] == [JobStatus.FINISHED] * 2, [fresh(p).reason for p in packs]
    return [fresh(pack).blob.read() for pack in packs]


def private_halves(folder: Path):
    """The signing keys as bytes, in hex, in base64, and as the lines of their files."""
    found = {}
    for place in folder.rglob("*.pem"):
        key = serialization.load_pem_private_key(place.read_bytes(), password=None)
        raw = key.private_bytes_raw()
        name = f"key {place.relative_to(folder)}"
        found |= {f"{name} raw": raw, f"{name} hex": raw.hex().encode(), f"{name} base64": base64.b64encode(raw)}
        found[f"{name} pem"] = place.read_bytes().splitlines()[1]
    assert len(found) >= 4
    return found


def child_environments(folder):
    """What the kernel says of the environment and the command line of a child of the sandbox."""
    seen, real = [], subprocess.Popen

    class Watched(real):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            for place in ("environ", "cmdline"):
                seen.append(Path(f"/proc/{self.pid}/{place}").read_bytes())

    table = folder / "table.csv"
    table.write_text(ROWS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launcher.subprocess, "Popen", Watched)
        launcher.run("columns", {"caps": caps()}, files={"data": table})
    assert b"OMP_NUM_THREADS=1" in seen[0]
    return b"".join(seen)


def caps():
    """The caps for uploads."""
    from rai.running.child import upload_caps

    return upload_caps()


def dumped(valkey):
    """Everything that the broker keeps: a dump made now, the append-only file, and what it answers."""
    import redis

    client = redis.Redis(unix_socket_path=valkey.url.removeprefix("redis+socket://").split("?")[0])
    client.save()
    folder = Path(client.config_get("dir")["dir"])
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]
    assert any(path.name == "dump.rdb" for path in files)
    return b"".join(path.read_bytes() for path in files)


def logs():
    """What web, workers, broker and this process have written."""
    return b"".join(path.read_bytes() for path in [*DATA_DIR.glob("*.log"), *DATA_DIR.rglob("valkey.log")])


def broken(root, person):
    """A page whose database is broken while a password is on its way: an error of the program, with its trace."""
    table = "registry_failedsignin"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        visitor = Visitor(root)
        assert visitor.sign_in(person, canary("typed-into-an-error")) == 500
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
    return visitor


def secret_of(token_secret):
    """The part of a token that is secret: its beginning is its public name."""
    return token_secret[15:]


def test_thirty_canaries_are_found_nowhere(installation, valkey, tmp_path, caplog, capsys, monkeypatch):
    """P15: passwords, tokens, session, keys, settings, cells, artefact and texts of a unit, against six surfaces."""
    cast = factories.make_cast()
    here = mirrored(cast)
    monkeypatch.setattr(settings, "JOBS_PER_PERSON", 1000)
    with transaction.atomic():
        world = make_world(here)
    secrets = {f"password of {part}": password_set(person) for part, person in
               (("owner", cast.owner), ("outsider", here.risk_officer), ("auditor", cast.auditor))}  # fmt: skip
    secrets |= {name: value if "mail" not in value else canary("mail-password") for name, value in ENVIRONMENT.items()}
    secrets |= {"typed into an error": canary("typed-into-an-error"), "typed wrongly": canary("typed-wrongly")}

    owner, stranger = Visitor(installation), Visitor(installation)
    assert owner.sign_in(cast.owner, canary("typed-wrongly")) == 422
    assert owner.sign_in(cast.owner, secrets["password of owner"]) == 200
    secrets["session"], secrets["csrf secret"] = owner.cookie("sessionid"), owner.cookie("csrftoken")
    assert secrets["session"]
    for number in range(3):
        _row, token = tokens.create_token(cast.owner, name="p", scopes=["models:read"], unit=cast.unit, days=1)
        secrets[f"token {number}"] = secret_of(token)
        assert owner.open("/api/v1/models/", Authorization=f"Bearer {token}") == 200
        assert owner.open("/api/v1/nothing", Authorization=f"Bearer {token}x") in {401, 404}
    link = people.password_path(here.owner)
    secrets["link"] = link.strip("/").split("/")[-1]
    assert Visitor(installation).open(link) == 200

    version = told_in_the_unit(cast)
    packs = worked(cast, version)
    failed = broken(installation, cast.owner)
    assert stranger.sign_in(here.risk_officer, secrets["password of outsider"]) == 200
    for url in routes(world):
        stranger.open(url)
    for one in things():
        stranger.open(one.url(dict.fromkeys(one.arguments, version.pk)))
    stranger.open(f"/search/?q={urllib.parse.quote('kanari')}")

    words = {name: text.encode() for name, text in secrets.items()} | private_halves(Path(settings.DATA_DIR) / "keys")
    raw = {"cell": CELL.encode(), "ragged cell": RAGGED.encode(), "artefact": ARTEFACT.encode()}
    texts = {name: canary(name).encode() for name in TEXTS}
    assert len(words) + len(raw) + len(texts) >= 30
    everything = words | raw | texts
    whole = [b"".join(members(pack)) for pack in packs]
    places = {
        "logs": (logs() + caplog.text.encode(), everything), "responses to others": (stranger.heard, everything),
        "responses to the owner": (owner.heard.replace(csrf_of(owner), b""), words),
        "the page of an error": (failed.heard, everything), "pack of the version": (whole[0], words | raw),
        "pack of another version": (whole[1], everything), "Valkey's dump": (dumped(valkey), everything),
        "environment of the child": (child_environments(tmp_path), everything),
    }  # fmt: skip
    assert b"ProgrammingError" in places["logs"][0]  # the trace is there, for whoever mends it
    assert canary("card").encode() in whole[0]  # the search finds what is to be found
    with capsys.disabled():
        sizes = ", ".join(f"{name} {len(content):,} bytes" for name, (content, _unwanted) in places.items())
        print(f"\ncanaries: {len(everything)} against {sizes}")
    assert [(place, name) for place, (content, unwanted) in places.items() for name, word in unwanted.items()
            if word in content] == []  # fmt: skip


def members(pack):
    """The files of a pack, text in PDFs made readable."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        yield from (archive.read(name) for name in archive.namelist())


def csrf_of(visitor):
    """The token that forms carry is a mask over the secret; the cookie's own value is the secret."""
    return visitor.cookie("csrftoken").encode()
