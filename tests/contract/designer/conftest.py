"""A designer who has signed in."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


@pytest.fixture
def designer(transactional_db: None) -> User:
    user = User.objects.create_user("dora", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="design"))
    return user


@pytest.fixture
def desk(client: Client, designer: User) -> Client:
    """The designer's browser."""
    client.force_login(designer)
    return client
