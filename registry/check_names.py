"""What people call the checks that policies ask for by names of the vocabulary; the apps above fill it when Django starts."""

from django.utils.functional import Promise

NAMES: dict[str, str | Promise] = {}


def name_checks(names: dict[str, str | Promise]) -> None:
    """Say what each name of the vocabulary is called on the pages of an app; the first to name one keeps it."""
    NAMES.update({check: label for check, label in names.items() if check not in NAMES})


def name_of(check: str) -> str:
    """What people call a check; its name in the vocabulary where no app of this installation knows it."""
    return str(NAMES.get(check, check))
