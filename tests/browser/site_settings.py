"""The stand-alone site as it is, but for passwords, whose slow hashes would be a good part of what the tests take."""

from meanwhile.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
