"""Settings of the stand-alone site. Everything that a deployment decides comes from the environment.

``docs/reference/settings.md`` lists the variables; a test holds the two together.
"""

from pathlib import Path

from django.utils.csp import CSP
from environs import Env

from meanwhile.config import environment

env = Env()

# Everything that the site keeps in files: the database where no other is named, mail, sockets, the secret key.
DATA = Path(env.str("DATA", "data")).resolve()
DATA.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.str("SECRET_KEY", "") or environment.secret_key(DATA)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
DEBUG = env.bool("DEBUG", False)

# Where people reach the site. From it follow the host that is answered, safe cookies, and whole links in e-mails.
SITE_URL = env.str("SITE_URL", "").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = []
if SITE_URL:
    _scheme, _host = environment.origin(SITE_URL)
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, _host]
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _scheme == "https"
# Addresses of proxies that tell the truth about who asks; only from them X-Forwarded-For and -Proto are believed.
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", [])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "meanwhile",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "meanwhile.pages.health.HealthMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "meanwhile.pages.history.HistoryMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "meanwhile.config.urls"
CSRF_FAILURE_VIEW = "meanwhile.pages.errors.csrf_failure"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
# Nothing but our own files, and nothing inline. ``data:`` holds the small drawings in Bootstrap's stylesheet.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
WSGI_APPLICATION = "meanwhile.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": environment.database(env.str("DATABASE_URL", ""), DATA / "meanwhile.sqlite3")}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
# Files come straight from the packages: nothing has to be collected before the site starts.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", environment.sender(SITE_URL))
if env.str("EMAIL_URL", ""):
    MAILERS = {"default": environment.mailer(env.str("EMAIL_URL"))}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": environment.log_formatter(env.str("LOG_FORMAT", "text"))},
    "filters": {"without_tokens": {"()": "meanwhile.core.logging.WithoutTokens"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_tokens"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO").upper()},
    # Django's own handlers print only while debugging, or send mail.
    "loggers": {"django": {"handlers": [], "level": "INFO"}},
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEANWHILE = {
    "base_url": SITE_URL,
    "mail_folder": None if env.str("EMAIL_URL", "") else str(DATA / "mail"),
    "wake_folder": str(DATA / "wake"),
    **environment.mapping("MEANWHILE", env.json("MEANWHILE", {})),
}
