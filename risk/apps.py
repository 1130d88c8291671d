"""The risk app: assessments from questionnaires, and the risk register."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    """Registers this app's gates and material when Django starts."""

    name = "risk"

    def ready(self) -> None:
        """Fill the plug-points of the registry."""
        from registry.release_life import due
        from risk import conditions, daily, gates, imports, panels  # noqa: F401
        from risk.actions import erasures, outside, tools  # noqa: F401

        due.ALSO.append(daily.tick_logged)
        from risk.actions import reopening  # noqa: F401
