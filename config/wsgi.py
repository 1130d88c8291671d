"""The entry point of the web server, and the thread that carries out what policies say."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from registry.release_life import due  # noqa: E402  (its models are there once Django is set up)

due.begin()
