"""People and groups, for the owner: who may sign in, who works here (staff), and who belongs to which group."""

import secrets
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from meanwhile.pages.access import owner_only
from meanwhile.pages.controls import style

# The right to design. Who uses it is not for this package to know.
DESIGN = "meanwhile.design"
# 96 bits, in characters that survive being typed from a slip of paper.
_PASSWORD_BYTES = 12


def people_and_groups() -> dict[str, Any]:
    """Everybody with their groups, and every group with its members."""
    people = get_user_model()._default_manager.prefetch_related("groups").order_by("username")
    groups = Group.objects.prefetch_related("user_set").order_by("name")
    return {"people": people, "designers": designers(), "groups": groups}


def designers() -> set[int]:
    """The ids of the people who were given the designer right themselves."""
    return set(_right().user_set.values_list("pk", flat=True))


def give_or_take(person: Any, may_design: bool) -> None:
    """Give the designer right to a person, or take it from them."""
    (person.user_permissions.add if may_design else person.user_permissions.remove)(_right())


def _right() -> Any:
    label, _dot, codename = DESIGN.partition(".")
    return Permission.objects.get(content_type__app_label=label, codename=codename)


if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:  # Django's own takes no parameters
    _ModelForm = forms.ModelForm


class PersonForm(_ModelForm):
    """A person as the owner sees them. ``save`` also gives or takes the designer right."""

    may_design = forms.BooleanField(required=False, label=gettext_lazy("Designer: may build and publish applications"))

    field_order = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "may_design", "groups")

    class Meta:
        model = get_user_model()
        fields = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "groups")
        labels = {
            "username": gettext_lazy("Name for signing in"),
            "first_name": gettext_lazy("First name"),
            "last_name": gettext_lazy("Last name"),
            "email": gettext_lazy("E-mail address"),
            "is_active": gettext_lazy("May sign in"),
            "is_staff": gettext_lazy("Staff: may see the monitor and mend failed work"),
            "groups": gettext_lazy("Groups"),
        }
        help_texts = {"username": "", "is_active": "", "is_staff": "", "groups": ""}
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.is_superuser:
            # An owner who shuts the door on themselves would need the console to come back.
            self.fields["is_active"].disabled = self.fields["is_staff"].disabled = True
            self.fields["may_design"].disabled = True
        self.initial["may_design"] = bool(self.instance.pk) and self.instance.has_perm(DESIGN)

    def _save_m2m(self) -> None:
        """With the groups, also where ``save`` came without ``commit``."""
        super()._save_m2m()  # type: ignore[misc]
        if not self.instance.is_superuser:  # who has every right needs none
            give_or_take(self.instance, self.cleaned_data["may_design"])


class GroupForm(_ModelForm):
    """A group and its members."""

    members: Any = forms.ModelMultipleChoiceField(
        queryset=None, required=False, label=gettext_lazy("Members"), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Group
        fields = ("name",)
        labels = {"name": gettext_lazy("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members: Any = self.fields["members"]
        members.queryset = get_user_model()._default_manager.order_by("username")
        if self.instance.pk:
            self.initial["members"] = self.instance.user_set.all()

    def save(self, commit: bool = True) -> Any:
        group = super().save(commit)
        group.user_set.set(self.cleaned_data["members"])
        return group


@never_cache
@owner_only
def people(request: HttpRequest) -> HttpResponse:
    """Everybody and every group."""
    return render(request, "meanwhile/people.html", people_and_groups())


@never_cache
@owner_only
def new_person(request: HttpRequest) -> HttpResponse:
    """Add a person; the answer to a good POST shows their password, once."""
    form = style(PersonForm(request.POST or None, initial={"is_active": True}))
    if request.method != "POST" or not form.is_valid():
        return _person_page(request, form, None)
    with transaction.atomic():
        person = form.save(commit=False)
        password = _give_password(person)
        form.save_m2m()
    return _password_page(request, person, password)


@never_cache
@owner_only
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Change a person."""
    found = get_object_or_404(get_user_model(), pk=person_id)
    form = style(PersonForm(request.POST or None, instance=found))
    if request.method != "POST" or not form.is_valid():
        return _person_page(request, form, found)
    with transaction.atomic():
        form.save()
    messages.success(request, _("{name} is saved.").format(name=found.get_username()))
    return redirect("people")


@never_cache
@owner_only
@require_POST
def new_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a person a new password, shown once; the old one and every sign-in with it end."""
    found = get_object_or_404(get_user_model(), pk=person_id)
    found.last_login = None  # so that the first sign-in asks for one of their own
    return _password_page(request, found, _give_password(found))


@never_cache
@owner_only
def group(request: HttpRequest, group_id: int | None = None) -> HttpResponse:
    """Add or change a group."""
    found = get_object_or_404(Group, pk=group_id) if group_id else None
    form = style(GroupForm(request.POST or None, instance=found))
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "group": found}
        return render(request, "meanwhile/group.html", context, status=422 if form.is_bound else 200)
    with transaction.atomic():
        saved = form.save()
    messages.success(request, _("The group {name} is saved.").format(name=saved.name))
    return redirect("people")


@never_cache
@owner_only
@require_POST
def delete_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Delete a group; its members stay, and no longer belong to it."""
    found = get_object_or_404(Group, pk=group_id)
    found.delete()
    messages.success(request, _("The group {name} is deleted.").format(name=found.name))
    return redirect("people")


def _give_password(person: Any) -> str:
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    person.set_password(password)
    person.save()
    return password


def _person_page(request: HttpRequest, form: PersonForm, person: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "meanwhile/person.html", {"form": form, "person": person}, status=status)


def _password_page(request: HttpRequest, person: Any, password: str) -> HttpResponse:
    return render(request, "meanwhile/person_password.html", {"person": person, "password": password})
