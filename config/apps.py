"""Loads the Celery application with Django, so that tasks are rung on the right broker."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The wiring app: templates, static files and commands that belong to no single app."""

    name = "config"

    def ready(self) -> None:
        """Make the Celery application the current one."""
        from config import celery  # noqa: F401
