"""The registry app: inventory, evidence, gates, reviews, audit and access."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Registers this app's gates and material when Django starts."""

    name = "registry"

    def ready(self) -> None:
        """Fill the two plug-points with what registry itself asks and binds."""
        from registry import release_gates  # noqa: F401
