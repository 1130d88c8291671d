"""The responsible-AI app: predictions, checks, their engine and sandbox."""

from django.apps import AppConfig


class RaiConfig(AppConfig):
    """Registers this app's gates and material when Django starts; nothing heavy is imported."""

    name = "rai"

    def ready(self) -> None:
        """Fill the plug-points of the registry."""
        from rai import artifacts, conditions, dependencies, gates, imports, panels  # noqa: F401
        from rai.catalogue import CHECKS
        from registry.check_names import name_checks

        # A check is named for what it always shows before any is for what it may show.
        always = {name: check.label for check in CHECKS.values() for name in check.shows}
        name_checks(
            always | {name: check.label for check in CHECKS.values() for name in check.may_show() if name not in always}
        )
