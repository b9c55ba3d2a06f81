"""Django settings. Every value that differs between installations comes from :mod:`crm.env`."""

from functools import partial
from typing import Any

import pghistory
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from core.declared import declared
from core.local.directories import database_url, redis_url
from crm import env
from crm.settings.jobs import *  # noqa: F403
from crm.settings.logs import LOGGING as LOGGING

BASE_DIR = env.BASE_DIR
DATA_DIR = env.DATA_DIR
PRIVATE_POSTGRES = not env.DATABASE_URL
PRIVATE_VALKEY = not env.REDIS_URL
DEBUG = env.DEBUG
DEMO = env.DEMO
SECRET_KEY = env.SECRET_KEY
BASE_URL = env.BASE_URL
ALLOWED_HOSTS = env.ALLOWED_HOSTS
ORGANISATION = env.ORGANISATION
SCHEME_SET = env.SCHEME_SET
TRUSTED_PROXIES = env.TRUSTED_PROXIES

OWN_APPS = [
    "core",
    "crm",
    "accounts",
    "segmentation.schemes",
    "customers",
    "customers.selections",
    "customers.saved_views",
    "segmentation.membership",
    "activities.log",
    "activities.mail",
    "activities.calendar",
    "activities.feedback",
    "activities.leads",
    "offers.products",
    "offers.offers",
    "offers.orders",
    "offers.sales",
    "segmentation.metrics",
    "segmentation.criteria",
    "segmentation.casework",
    "segmentation.portfolio",
    "careplans.caremodels",
    "careplans.plans",
    "careplans.work",
    "careplans.following",
    "careplans.clock",
    "careplans.content",
    "careplans.scorecards",
    "imports",
    "demo",
]
INSTALLED_APPS = [
    *OWN_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "rules.apps.AutodiscoverRulesConfig",
    "template_partials",
    "treebeard",
]

CELERY_BEAT_SCHEDULE = declared(OWN_APPS, "schedule", "SCHEDULE")

MIDDLEWARE = [
    "core.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.TextCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.middleware.BodySizeMiddleware",  # before the next one, which parses the body
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.PrivateMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.IdleMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "core.middleware.BusinessRuleMiddleware",
    "core.middleware.TooLongMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context_processors.layout",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "core.templatetags.portaali",
                "core.templatetags.inline",
            ],
        },
    }
]
FORM_RENDERER = "core.forms.FormRenderer"

# Data
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **env.database(env.DATABASE_URL or database_url(DATA_DIR)),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
STATEMENT_TIMEOUT_SECONDS = env.STATEMENT_TIMEOUT_SECONDS  # of web processes only: core.timeouts
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.REDIS_URL or redis_url(DATA_DIR)
CACHES = {"default": {"BACKEND": "core.cache.TolerantRedisCache", "LOCATION": REDIS_URL}}

MEDIA_ROOT = env.MEDIA_ROOT
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_MAX_BYTES = env.UPLOAD_MAX_MB * 1024 * 1024
IMPORT_MAX_BYTES = env.IMPORT_MAX_MB * 1024 * 1024
IMPORT_KEEP_DAYS = env.IMPORT_KEEP_DAYS
FEEDBACK_ANSWER_DAYS = env.FEEDBACK_ANSWER_DAYS
WORK_ON_EVES = env.WORK_ON_EVES
OFFER_REMINDER_DAYS = env.OFFER_REMINDER_DAYS
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # an offer of 500 lines sends a dozen fields for each

# Languages and forms of dates and numbers
LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", _("Finnish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["core.formats"]
TIME_ZONE = "Europe/Helsinki"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "accounts.backends.GrantsBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedSignupAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to people who are not users
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key"}  # of the second factor; accounts.adapter asks it for nothing else
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_CLIENT_IP_CALLABLE = "core.client_ip.client_network"
AXES_USERNAME_CALLABLE = "accounts.adapter.sign_in_name"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else who is locked out could keep others waiting for ever
AXES_LOCKOUT_TEMPLATE = "account/lockout.html"
AXES_VERBOSE = False

# Security
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = env.HTTPS
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_IDLE_HOURS = env.SESSION_IDLE_HOURS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
SECURE_SSL_REDIRECT = env.HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if env.HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "core.pages.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Mail
vars().update(env.email(env.EMAIL_URL))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.EMAIL_FROM
EMAIL_TIMEOUT = 60  # seconds without a word from the mail server
EMAIL_MAX_BYTES = env.EMAIL_MAX_MB * 1024 * 1024
DROP_ADDRESS = env.DROP_ADDRESS  # of a mailbox that is read here; a user's own is name+secret@domain
ALLOW_PRIVATE_MAIL_HOSTS = env.ALLOW_PRIVATE_MAIL_HOSTS

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.UnicodeJSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_FILTER_BACKENDS": ["core.api.queries.FilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "core.api.paging.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ModelSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
    "NUM_PROXIES": TRUSTED_PROXIES,
    "EXCEPTION_HANDLER": "core.api.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Portaali API",
    "DESCRIPTION": "Customers, contacts, classifications, activities and users. See docs/api.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "core.api.schema.add_errors"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": SimpleLazyObject(partial(declared, OWN_APPS, "enums", "SCHEMA_NAMES")),
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

MESSAGE_TAGS = {message_levels.ERROR: "danger", message_levels.DEBUG: "secondary"}

# History: one append-only event table per model, written by statement triggers; the context says who did it.
PGHISTORY_LEVEL: Any = pghistory.Statement  # type: ignore[has-type]
PGHISTORY_APPEND_ONLY = True
