"""Every kind of PDF in both languages: PDF/A-3a and PDF/UA-1, its data inside, nothing else."""

import pytest

pytestmark = pytest.mark.django_db
