"""The reports app: framework status, documents, evidence packs."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports only read; what can be asked for by a sheet is registered when Django starts."""

    name = "reports"

    def ready(self) -> None:
        """Fill the tables of sheets and of what follows on an entry."""
        from reports import imports, output_reviews  # noqa: F401
