"""Every setting of an installation: one line per environment variable, all beginning with ATTESTRY_."""

import secrets
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

ROOT = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
env.prefix = "ATTESTRY_"

TESTING = env.bool("TESTING", default=False)
DATA_DIR = Path(env("DATA_DIR", default=str(ROOT / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
DEBUG = env.bool("DEBUG", default=False)


def kept_secret() -> str:
    """The installation's own secret key, made once and readable by its owner alone."""
    place = DATA_DIR / "secret_key"
    try:
        with place.open("x") as file:
            place.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return place.read_text().strip()


SECRET_KEY = env("SECRET_KEY", default="") or ("for tests only" if TESTING else kept_secret())
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("TRUSTED_ORIGINS", default=[])
BEHIND_TLS = env.bool("BEHIND_TLS", default=False)
INSTALLATION_NAME = env("INSTALLATION_NAME", default="Attestry")
BIND = env("BIND", default="127.0.0.1:8000")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "rest_framework",
    "knox",
    "allauth.account",  # asked for by the next one; none of its pages are used
    "allauth.mfa",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "registry",
    "risk",
    "rai",
    "reports",
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.languages.own_language",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "registry.fresh_password.FreshPassword",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.domain_errors",
    "config.middleware.duties_read_once",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]

if env("DATABASE_URL", default=""):
    DATABASES = {"default": env.db_url("DATABASE_URL")}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "attestry.sqlite3"}}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-32000;"
        # Pages are read where the system keeps the file in memory, not copied one by one.
        "PRAGMA mmap_size=2000000000;",
    }
    if env("TEST_DB", default=""):
        DATABASES["default"]["TEST"] = {"NAME": env("TEST_DB")}
elif env.int("DATABASE_POOL", default=0):
    # For the web server's threads; a worker's processes have one thread and one connection each.
    pool = {"min_size": 1, "max_size": env.int("DATABASE_POOL"), "timeout": 20}
    DATABASES["default"]["OPTIONS"] = {**DATABASES["default"].get("OPTIONS", {}), "pool": pool}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "registry.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "registry.second_factor.Adapter"
MFA_TOTP_ISSUER = INSTALLATION_NAME
MFA_TOTP_TOLERANCE = 1
STEP_UP_MINUTES = env.int("STEP_UP_MINUTES", default=5)
SECOND_FACTOR_DUTIES = env.list("SECOND_FACTOR_DUTIES", default=[])
FRESH_GRANT_HOURS = env.int("FRESH_GRANT_HOURS", default=24)
SMALL_ORG = env.bool("SMALL_ORG", default=False)
# smtp+tls://user:password@mail.example.org:587; unset, no link for a forgotten password is offered.
SENDS_MAIL = bool(env("EMAIL_URL", default=""))
globals().update(env.email_url("EMAIL_URL", default="dummymail://"))
PUBLIC_REPORTS = env.bool("PUBLIC_REPORTS", default=False)
VERIFY_SHOWS_NAMES = env.bool("VERIFY_SHOWS_NAMES", default=False)
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", default="attestry@localhost")
EMAIL_TIMEOUT = 20
# Under which address links in mails open the registry, such as https://attestry.example; else the first trusted origin.
PUBLIC_URL = env("PUBLIC_URL", default="")
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [ROOT / "config" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "config" / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = DATA_DIR / "blobs"
# Where the key that signs packs lies, and whether a process of its own holds it (worker of the queue `sign`).
KEY_DIR = Path(env("KEY_DIR", default=str(DATA_DIR / "keys")))
SIGN_BY_QUEUE = env.bool("SIGN_BY_QUEUE", default=False)
SIGN_SECONDS = env.int("SIGN_SECONDS", default=60)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "blobs"), "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
JOBS_PER_PERSON = env.int("JOBS_PER_PERSON", default=5)
JOBS_PER_UNIT = env.int("JOBS_PER_UNIT", default=20)
STORAGE_PER_UNIT = env.int("STORAGE_PER_UNIT", default=100 * 1024**3)  # 0: no limit
PART_ROWS = max(1_000, env.int("PART_ROWS", default=2_000_000))  # a Parquet table of more is counted in parts
UPLOADS_PER_MINUTE = env.int("UPLOADS_PER_MINUTE", default=30)
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=512 * 1024 * 1024)

# Where checkpoints of the log are put outside: unset places are left out, and the page of the log says so.
LOG_ORIGIN = env("LOG_ORIGIN", default="")
CHECKPOINT_DIR = env("CHECKPOINT_DIR", default="")
CHECKPOINT_GIT = env("CHECKPOINT_GIT", default="")
WEBHOOK_HOSTS = env.list("WEBHOOK_HOSTS", default=[])
CHECKPOINT_MAIL = env.list("CHECKPOINT_MAIL", default=[])
CHECKPOINT_MAIL_HOURS = env.int("CHECKPOINT_MAIL_HOURS", default=24)
CHECKPOINT_WITNESS = env("CHECKPOINT_WITNESS", default="")
CHECKPOINT_WITNESS_TOKEN = env("CHECKPOINT_WITNESS_TOKEN", default="")
WITNESS_KEYS = env.list("WITNESS_KEYS", default=[])

# The operator's list of tables in databases that `measure --connection` may count in.
WAREHOUSES = env("WAREHOUSES", default="")

CELERY_BROKER_URL = env("REDIS_URL", default="")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = env.json("BROKER_OPTIONS", default={"visibility_timeout": 3600})
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "rai.read_columns": {"queue": "default"},  # short: it does not wait behind checks
    "rai.*": {"queue": "checks"},
    "reports.sign": {"queue": "sign"},
    "reports.*": {"queue": "pdf"},
}
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.tokens.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "registry.lists.rest.ListPage",
    "DEFAULT_FILTER_BACKENDS": ["registry.lists.rest.ListFilters"],
    "DEFAULT_PARSER_CLASSES": ["registry.parsers.JSONBody", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": env("API_RATE", default="3000/min"),
        "anon": env("API_RATE_REFUSED", default="600/min"),
    },
    "EXCEPTION_HANDLER": "registry.problems.problem",
    "PAGE_SIZE": 50,
}
KNOX_TOKEN_MODEL = "registry.ApiToken"
REST_KNOX = {"TOKEN_PREFIX": "gov_", "AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Attestry",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "ENUM_NAME_OVERRIDES": {  # where two tables call different sets by one name
        "JobStatusEnum": "registry.models.JobStatus",
        "SignOffDecisionEnum": "registry.models.SignOff.Decision",
        "OpinionDecisionEnum": ["approve", "reject"],
        "RiskComponentEnum": "risk.models.Risk.Component",
        "AssessedComponentEnum": "risk.models.AssessmentPart.Component",
        "RiskLevelEnum": "risk.models.register.Level",
        "IncidentKindEnum": "risk.models.Incident.Kind",
        "AcceptanceEnum": "registry.models.Acceptance",
        "DataUseEnum": "registry.models.DatasetVersion.Use",
        "DataKindEnum": "registry.models.Dataset.Kind",
        "ComponentUseEnum": "registry.models.components.Use",
        "ProposalStatusEnum": "registry.models.Proposal.Status",
        "MeetingStatusEnum": "registry.models.Meeting.Status",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
}
