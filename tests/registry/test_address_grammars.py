"""The grammars of addresses are built when an address is judged, and judge as ever."""

import subprocess
import sys

from config.places import ROOT

ASKED = """
import sys
import django
django.setup()
from jsonschema import Draft7Validator, FormatChecker
built = "lark" in sys.modules
schema = Draft7Validator({"format": "iri"}, format_checker=FormatChecker())
print(built, [schema.is_valid(text) for text in ("https://bank.example/ä", "no address")], "lark" in sys.modules)
"""


def test_a_process_builds_them_at_the_first_address_and_still_refuses_what_is_none(tmp_path):
    command = [sys.executable, "-c", ASKED]
    env = {"DJANGO_SETTINGS_MODULE": "config.settings", "ATTESTRY_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[0] == "False [True, False] True", done.stderr
