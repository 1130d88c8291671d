"""The story that `manage.py demo` plays, with a real worker."""

import subprocess
import sys

import pytest
from django.core.management import call_command

from config import story


@pytest.mark.real
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_the_demo_publishes_a_release_whose_pack_is_verified(worker):
    """A: from registration to the report and the pack, which `verify.py` accepts alone, and the log of it agrees."""
    told = story.play(say=lambda _line: None)
    assert told.verified
    assert told.pdf.read_bytes().startswith(b"%PDF-")
    alone = [sys.executable, "-I", told.verifier, told.pack, "--key-fingerprint", told.key_fingerprint]
    assert "ACCEPTED" in subprocess.run(alone, capture_output=True, text=True, timeout=60, check=True).stdout
    call_command("verify_audit")
