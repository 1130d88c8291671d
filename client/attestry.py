#!/usr/bin/env python3
"""Registers versions at an Attestry installation from a pipeline, posts results and asks the gate.

One file on Python's standard library alone (3.9 or newer): copy it beside a pipeline. The address of the installation
and a token are read from ATTESTRY_URL and ATTESTRY_TOKEN, so that no secret stands on a command line.

    attestry.py register MODEL_ID VERSION FILE [--field name=value …]   prints the version's id
    attestry.py predictions VERSION_ID TABLE [--role test]              prints the table's id
    attestry.py check VERSION_ID CHECK TABLE_ID --parameters JSON       waits for the check, prints its verdict
    attestry.py report VERSION_ID RESULT.json                           posts what the pipeline computed: "reported"
    attestry.py gate VERSION_ID [--junit FILE] [--sarif FILE]           asks whether it may be released

Exit codes of `check` and `gate`: 0 pass, 1 fail, 2 insufficient, 3 error. The other commands: 0 or 3.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import mimetypes
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib import error, parse, request

VERDICTS = {"pass": 0, "recorded": 0, "passed": 0, "waived": 0, "fail": 1, "failed": 1, "insufficient": 2}
ERROR = 3
OVER = {"finished", "errored", "cancelled"}


class Refused(Exception):
    """The installation said no, or could not be asked; the text is for people."""


class StaysHere(request.HTTPRedirectHandler):
    """Follows no redirect: the token is for one address alone."""

    def redirect_request(self, *_args: Any) -> None:
        """Nowhere else."""


class Attestry:
    """One installation, asked with one token."""

    def __init__(self, url: str, token: str, timeout: float = 60.0) -> None:
        """`url` as people open it, for example https://attestry.example; plain http is taken for this machine only."""
        parts = parse.urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise Refused(f"{url}: a token is sent over https only.")
        self.root, self.token, self.timeout = url.rstrip("/") + "/api/v1/", token, timeout
        self.opener = request.build_opener(StaysHere())

    def ask(self, path: str, body: bytes | None = None, media_type: str = "application/json") -> bytes:
        """The answer's bytes. Raises Refused with the installation's own sentence.

        A POST carries an Idempotency-Key made of what is sent, so that sending it again after a broken line has no
        second effect.
        """
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "*/*"}
        if body is not None:
            named = hashlib.sha256(f"{path}\n{media_type}\n".encode() + body).digest()
            headers |= {"Content-Type": media_type, "Idempotency-Key": str(uuid.UUID(bytes=named[:16]))}
        asked = request.Request(self.root + path, data=body, headers=headers)
        try:
            with self.opener.open(asked, timeout=self.timeout) as answer:
                return bytes(answer.read())
        except error.HTTPError as refusal:
            raise Refused(f"{refusal.code} {sentence(refusal.read())}") from refusal
        except (error.URLError, TimeoutError) as broken:
            raise Refused(f"{self.root}: {getattr(broken, 'reason', broken)}") from broken

    def get(self, path: str) -> dict[str, Any]:
        """A JSON object."""
        return dict(json.loads(self.ask(path)))

    def post(self, path: str, value: dict[str, Any]) -> dict[str, Any]:
        """Post a JSON object and read one."""
        return dict(json.loads(self.ask(path, json.dumps(value).encode())))

    def send_file(self, path: str, field: str, file: Path, values: dict[str, str]) -> dict[str, Any]:
        """Post a file with texts beside it, as multipart form data."""
        body, media_type = form(field, file, values)
        return dict(json.loads(self.ask(path, body, media_type)))

    def register(self, model: str, version: str, file: Path, **fields: str) -> dict[str, Any]:
        """Register a version and make sure that the bytes that arrived are those that lie here."""
        here = "sha256:" + digest_of(file)
        made = self.send_file("versions", "artifact", file, {"model": model, "version": version, **fields})
        if made["artifact_hash"] != here:
            raise Refused(f"{file}: {here} lies here, but {made['artifact_hash']} arrived.")
        return made

    def check(self, version: str, check: str, table: str, parameters: dict[str, Any], patience: float) -> str:
        """Ask for a check and wait for its verdict. Raises Refused when it errs or takes longer than `patience` s."""
        self.wait("predictions", table, patience)
        asked = {"version": version, "check_type": check, "predictions": table, "parameters": parameters}
        run = self.wait("checks", self.post("checks", asked)["id"], patience)
        return str(run["verdict"])

    def wait(self, noun: str, number: str, patience: float) -> dict[str, Any]:
        """A job's row when it is finished."""
        until = time.monotonic() + patience
        while True:
            row = self.get(f"{noun}/{number}")
            if row["status"] == "finished":
                return row
            if row["status"] in OVER or time.monotonic() > until:
                raise Refused(f"{noun}/{number} is {row['status']}: {row['reason'] or 'it takes too long'}")
            time.sleep(1.0)

    def gate(self, version: str) -> list[dict[str, Any]]:
        """Every gate's answer."""
        return list(self.get(f"versions/{version}/gate")["gates"])


def digest_of(file: Path) -> str:
    """SHA-256 of a file as hexadecimal digits, read a mebibyte at a time."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while part := stream.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def form(field: str, file: Path, values: dict[str, str]) -> tuple[bytes, str]:
    """Multipart form data (RFC 7578) and its media type; the boundary comes from the content, so it repeats."""
    content = file.read_bytes()
    edge = "attestry-" + hashlib.sha256(content).hexdigest()
    name = file.name.replace('"', "%22").replace("\r", "").replace("\n", "")
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in values.items()
    ]
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    )
    return b"".join([*parts, head.encode(), content, f"\r\n--{edge}--\r\n".encode()]), (
        f"multipart/form-data; boundary={edge}"
    )


def sentence(body: bytes) -> str:
    """What a problem document says, or the beginning of whatever came instead."""
    try:
        told = json.loads(body)
        return str(told.get("detail") or told.get("title") or told)
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace")


def pairs(given: list[str]) -> dict[str, str]:
    """`name=value` texts as a dictionary."""
    wrong = [text for text in given if "=" not in text]
    if wrong:
        raise Refused(f"“{wrong[0]}” is no name=value.")
    return dict(text.split("=", 1) for text in given)


def register(to: Attestry, asked: argparse.Namespace) -> int:
    """Register a version."""
    print(to.register(asked.model, asked.version, asked.file, **pairs(asked.field))["id"])
    return 0


def predictions(to: Attestry, asked: argparse.Namespace) -> int:
    """Upload a table of predictions."""
    print(to.send_file("predictions", "file", asked.table, {"version": asked.version, "role": asked.role})["id"])
    return 0


def check(to: Attestry, asked: argparse.Namespace) -> int:
    """Run a check there."""
    verdict = to.check(asked.version, asked.check, asked.table, json.loads(asked.parameters), asked.patience)
    print(verdict)
    return VERDICTS.get(verdict, ERROR)


def report(to: Attestry, asked: argparse.Namespace) -> int:
    """Post what was computed here."""
    try:
        result = json.loads(asked.result.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Refused(f"{asked.result} is no JSON: {error}") from error
    print(to.post("evidence/reported", {"version": asked.version, **result})["id"])
    return 0


def gate(to: Attestry, asked: argparse.Namespace) -> int:
    """Ask whether the version may be released."""
    found = to.gate(asked.version)
    for row in found:
        print(f"{row['result']:<13}{row['title']}: {row['reason']}")
    for name in ("junit", "sarif"):
        file = getattr(asked, name)
        if file is not None:
            file.write_bytes(to.ask(f"versions/{asked.version}/gate?as={name}"))
    codes = {VERDICTS.get(row["result"], ERROR) for row in found}
    return 1 if 1 in codes else max(codes, default=0)


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="attestry.py", description=(__doc__ or "").split("\n\n", 1)[0])
    commands = parser.add_subparsers(required=True)

    def command(act: Any, *names: str) -> argparse.ArgumentParser:
        made = commands.add_parser(act.__name__, help=act.__doc__)
        made.set_defaults(act=act)
        for name in names:
            made.add_argument(name, type=Path if name in {"file", "result"} else str)
        return made

    command(register, "model", "version", "file").add_argument("--field", action="append", default=[])
    table = command(predictions, "version")
    table.add_argument("table", type=Path)
    table.add_argument("--role", default="test", choices=["test", "development", "monitoring"])
    run = command(check, "version", "check", "table")
    run.add_argument("--parameters", default="{}")
    run.add_argument("--patience", type=float, default=600.0, help="seconds to wait at most")
    command(report, "version", "result")
    asked = command(gate, "version")
    for name in ("--junit", "--sarif"):
        asked.add_argument(name, type=Path)
    return parser


def main(given: list[str] | None = None) -> int:
    """Do what the command line asks; every error is 3 with one sentence on the error stream."""
    try:
        asked = arguments().parse_args(given)
        url, token = os.environ.get("ATTESTRY_URL", ""), os.environ.get("ATTESTRY_TOKEN", "")
        if not url or not token:
            raise Refused("Set ATTESTRY_URL and ATTESTRY_TOKEN.")
        return int(asked.act(Attestry(url, token), asked))
    except SystemExit as ended:
        return ERROR if ended.code else 0
    except (Refused, OSError, ValueError) as refusal:
        print(f"attestry: {refusal}", file=sys.stderr)
        return ERROR


if __name__ == "__main__":
    sys.exit(main())
