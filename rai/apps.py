"""The responsible-AI app: predictions, checks, their engine and sandbox."""

from django.apps import AppConfig


class RaiConfig(AppConfig):
    """Registers this app's gates and material when Django starts; nothing heavy is imported."""

    name = "rai"

    def ready(self) -> None:
        """Fill the plug-points of the registry."""
        from rai import gates  # noqa: F401
