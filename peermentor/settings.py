"""Everything from the environment: each variable once, a safe default or a loud failure.

DEBUG unset means production. Then nothing is guessed: what is missing is named, and the process does not start.
"""

import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.dateparse import parse_duration
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

# What this machine keeps: the servers of `make run` and the local inbox. tools/places.py reads the same variable.
DATA_DIR = Path(env.str("DATA_DIR", default="") or BASE_DIR / ".data")

# DEBUG=1 in the environment says "a machine of my own", nothing more: Django's own DEBUG stays off everywhere, so that
# a laptop shows the error pages, hashed static files and headers of production. Tracebacks are in the log.
LAPTOP = env.bool("DEBUG", default=False)
DEBUG = False

REQUIRED_IN_PRODUCTION = {
    "SECRET_KEY": "a long random text that signs sessions",
    "ALLOWED_HOSTS": "the host names of the site, separated by commas",
    "DATABASE_URL": "where PostgreSQL is, postgres://user:password@host:5432/name",
    "REDIS_URL": "where Redis or Valkey is, redis://:password@host:6379/0",
    "EMAIL_URL": "where mail goes, smtp+tls://user:password@host:587",
    "SEAL_KEY": "the file of the private key that seals signed contracts",
    "SEAL_CERT": "the file of the certificate that belongs to it",
}
if not LAPTOP:
    missing = [name for name in REQUIRED_IN_PRODUCTION if not env.str(name, default="").strip()]
    if missing:
        raise ImproperlyConfigured(
            "Peermentor does not start in production without: "
            + "; ".join(f"{name} ({REQUIRED_IN_PRODUCTION[name]})" for name in missing)
            + ". Set DEBUG=1 only on a machine of your own, or start it with `make run`."
        )
if not env.str("DATABASE_URL", default=""):
    raise ImproperlyConfigured(
        "DATABASE_URL is not set. `make run` and `make test` start a PostgreSQL of their own; for any other "
        "command put `python -m tools.services --` before it, or set DATABASE_URL."
    )
if not env.str("REDIS_URL", default=""):
    raise ImproperlyConfigured(
        "REDIS_URL is not set. `make run` and `make test` start a Valkey of their own; for any other "
        "command put `python -m tools.services --` before it, or set REDIS_URL."
    )

SECRET_KEY = env.str("SECRET_KEY", default="only-for-a-laptop-and-refused-in-production")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
if not LAPTOP and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is too short: give it at least 50 random characters.")

# How many proxies of ours stand before the web processes; their X-Forwarded-* headers are believed, no one else's.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

CLOCK_OFFSET = parse_duration(env.str("CLOCK_OFFSET", default="") or "0")
if CLOCK_OFFSET is None:
    raise ImproperlyConfigured("CLOCK_OFFSET is a duration, such as `3 04:00:00` or `P3DT4H`.")
if CLOCK_OFFSET and not LAPTOP:
    raise ImproperlyConfigured("CLOCK_OFFSET moves the clock to try things out; production keeps the true time.")

# --- The application ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "peermentor",
    "accounts",
    "matching",
    "contracts",
    "checkins",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "crispy_forms",
    "csp",
    "django_htmx",
    "lucide",
    "peermentor.staff.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "peermentor.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "peermentor.middleware.Utf8Middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.MemberMiddleware",
    "peermentor.middleware.RefusedMiddleware",
]

ROOT_URLCONF = "peermentor.urls"
ASGI_APPLICATION = "peermentor.asgi.application"

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
                "accounts.context.member",
                "matching.context.introductions",
            ],
            "builtins": ["django.templatetags.i18n", "peermentor.templatetags.icons"],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = ["plain"]
CRISPY_TEMPLATE_PACK = "plain"

# --- PostgreSQL and Redis -------------------------------------------------------------------------------------------

DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL"),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Under ASGI each request runs in a thread of its own: a pool instead of one connection a thread.
            # It gives up soon on a server that is away, and begins anew with the next request: left to itself it tries
            # after 1, 2, 4, 8 … seconds, and would find a server again only long after it is back.
            "pool": {"min_size": 1, "max_size": 16, "timeout": 5, "max_idle": 120, "reconnect_timeout": 3},
            "connect_timeout": 5,
            "options": " ".join(
                [
                    "-c lock_timeout=10s",
                    "-c statement_timeout=30s",
                    "-c idle_in_transaction_session_timeout=60s",
                    f"-c peermentor.clock_offset={CLOCK_OFFSET.total_seconds()}",
                ]
            ),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits live here: in PostgreSQL, so that a restart of Redis neither resets them nor takes the login away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "peermentor_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

CELERY_BROKER_URL = env.str("REDIS_URL")

# What one types on a draft's socket reaches the other's by way of Redis. Nothing is kept there.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "peermentor.layers.SteadyLayer",
        "CONFIG": {
            # Without a socket time-out: nobody may say anything for hours.
            "hosts": [
                {
                    "address": CELERY_BROKER_URL,
                    "socket_timeout": None,
                    "socket_connect_timeout": 1,
                    "health_check_interval": 15,
                }
            ],
        },
    }
}

# --- Members --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_SIGNUP_REDIRECT_URL = "welcome"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.signup.SignupForm"
ACCOUNT_FORMS = {
    "login": "accounts.entrance_forms.Login",
    "signup": "accounts.entrance_forms.Signup",
    "add_email": "accounts.entrance_forms.AddEmail",
    "change_password": "accounts.entrance_forms.ChangePassword",
    "reset_password": "accounts.entrance_forms.ResetPassword",
    "reset_password_from_key": "accounts.entrance_forms.ResetPasswordFromKey",
    "reauthenticate": "accounts.entrance_forms.Reauthenticate",
    "confirm_email_verification_code": "accounts.entrance_forms.ConfirmCode",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 5
# Offered to new members alone, it would tell an address that is known from one that is not. Who mistyped begins again.
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.entrance_forms.Authenticate",
    "reauthenticate": "accounts.entrance_forms.ReauthenticateSecondStep",
    "activate_totp": "accounts.entrance_forms.ActivateTotp",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Peermentor"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LAPTOP

USERSESSIONS_TRACK_ACTIVITY = False

# --- Topics ---------------------------------------------------------------------------------------------------------

# What says how near two phrases are in meaning: see accounts/meaning/engines.py.
TOPIC_ENGINES = ("both", "use", "none")
TOPIC_ENGINE = env.str("TOPIC_ENGINE", default="") or "both"
if TOPIC_ENGINE not in TOPIC_ENGINES:
    raise ImproperlyConfigured(f"TOPIC_ENGINE is one of {', '.join(TOPIC_ENGINES)}, not {TOPIC_ENGINE!r}.")

# --- Mail -----------------------------------------------------------------------------------------------------------

# Without EMAIL_URL mail stays here, in a Maildir that /dev/inbox/ shows. In production EMAIL_URL is required.
EMAIL_URL = env.str("EMAIL_URL", default="")
LOCAL_INBOX = None if EMAIL_URL else DATA_DIR / "inbox"
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
    if vars()["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        EMAIL_BACKEND = "accounts.smtp.EmailBackend"
else:
    EMAIL_BACKEND = "accounts.inbox.MaildirBackend"
EMAIL_TIMEOUT = 10
MAIL_DOMAIN = next((host.lstrip(".") for host in ALLOWED_HOSTS if host not in {"*", ""}), "localhost")
# Where links in mails lead: a mail is written by a worker, which no browser has told the address.
SITE_URL = f"http://localhost:{env.str('PORT', default='8000')}" if LAPTOP else f"https://{MAIL_DOMAIN}"
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default=f"Peermentor <hello@{MAIL_DOMAIN}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- The seal -------------------------------------------------------------------------------------------------------

# The files of the key and the certificate that seal signed contracts. On a laptop contracts/sealing/keys.py makes them.
SEAL_KEY = env.str("SEAL_KEY", default="") or str(DATA_DIR / "seal" / "key.pem")
SEAL_CERT = env.str("SEAL_CERT", default="") or str(DATA_DIR / "seal" / "certificate.pem")

# Nothing that is sent here is kept: a file lies in memory while it is looked at.
FILE_UPLOAD_HANDLERS = ["contracts.uploads.InMemory"]

# --- Languages and time ---------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en-gb"
# The languages that the pages can speak: one line more when a catalogue in locale/ is complete.
LANGUAGES = [("en-gb", _("English"))]
# The languages that a member can ask for, and in which we write as soon as the pages can.
MEMBER_LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["peermentor.formats"]

# --- Static files ---------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False

# --- Security -------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "frame-src": [SELF] if LOCAL_INBOX else [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "peermentor.views.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
if not LAPTOP:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs -----------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "peermentor.logs.OneLineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.request": {"level": "ERROR"},
        # Anybody can ask with a wrong host name; it is answered with 400 and is no fault of ours.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

TESTING = "pytest" in sys.modules
