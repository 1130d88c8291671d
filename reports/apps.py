"""The reports app: framework status, documents, evidence packs."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Nothing to register: reports only read."""

    name = "reports"
