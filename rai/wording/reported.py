"""What is said of figures that were computed elsewhere."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def sentences(outcome: Mapping[str, Any]) -> list[str]:
    """Who computed them, from what, and that nobody here did."""
    kept = outcome["reported"]
    moment = parse_datetime(kept["measured_at"])
    facts = {"tool": kept["tool"], "day": date_format(moment, "DATETIME_FORMAT") if moment else kept["measured_at"]}
    data = "; ".join(f"{source['name']} ({source['digest']})" for source in kept["inputs"])
    code = f"{kept['code']['name']} ({kept['code']['digest']})"
    return [
        _("Reported, not measured: %(tool)s computed these figures elsewhere on %(day)s and posted them.") % facts,
        _("They rest on the data %(data)s and the code %(code)s.") % {"data": data, "code": code},
        _(
            "This installation cannot say whether they are right; compute them again from the same data and code to find out."
        ),
    ]
