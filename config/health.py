"""Is the process alive, and is it ready to serve: database, broker, disk."""

import shutil

from celery import current_app
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

LEAST_DISK = 200 * 2**20


def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Each part with `ok` or what is wrong; status 503 when a part is not ready. Names no secret and no path."""
    parts = {"database": database(), "broker": broker(), "disk": disk()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": ready, "parts": parts, "sandbox": sandbox()}, status=200 if ready else 503)


def sandbox() -> dict[str, str]:
    """How children that read files are walled off on this machine, A to D, and what it means. D runs no model; it is ready."""
    from rai.sandbox import launcher
    from rai.sandbox.levels import letter

    try:
        level = launcher.level()
    except (launcher.SandboxError, OSError) as error:
        return {"level": "", "walls": type(error).__name__}
    return {"level": letter(level), "walls": launcher.describe(level)}


def database() -> str:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:
        return type(error).__name__
    return "ok"


def broker() -> str:
    """The broker takes a connection."""
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:
        return type(error).__name__
    return "ok"


def disk() -> str:
    """There is room to write."""
    return "ok" if shutil.disk_usage(settings.DATA_DIR).free > LEAST_DISK else "less than 200 MB free"
