"""The risk app: assessments from questionnaires, and the risk register."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    """Registers this app's gates and material when Django starts."""

    name = "risk"

    def ready(self) -> None:
        """Fill the plug-points of the registry."""
        from risk import conditions, gates, panels  # noqa: F401
        from risk.actions import reopening  # noqa: F401
