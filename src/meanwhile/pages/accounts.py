"""Sign-in, sign-out, and a password of one's own: Django's views with our templates, and a limit on guessing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from meanwhile.pages import limit
from meanwhile.pages.controls import style
from meanwhile.pages.errors import too_many

# Wrong passwords a minute from one address: enough for a family of typists, too few for a guesser.
WRONG_PER_MINUTE = 10


class SignIn(views.LoginView):
    """The sign-in. A first one asks for a password of one's own, since somebody else has seen the given one."""

    template_name = "meanwhile/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if seconds := limit.wait_seconds(request, "sign-in", WRONG_PER_MINUTE):
            return too_many(request, seconds, _("Too many wrong passwords came from your address."))
        return super().post(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> Any:
        return style(super().get_form(form_class))

    def form_invalid(self, form: Any) -> HttpResponse:
        limit.take(self.request, "sign-in", WRONG_PER_MINUTE)
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        is_first = form.get_user().last_login is None
        response = super().form_valid(form)
        if is_first:
            text = _("Your password was made for you. Please choose one of your own:")
            link = format_html('<a href="{}">{}</a>', reverse_lazy("password"), _("change the password"))
            messages.info(self.request, format_html("{} {}.", text, link))
        return response


class SignOut(views.LogoutView):
    """The sign-out: by POST only."""


@method_decorator(never_cache, name="dispatch")
class Password(views.PasswordChangeView):
    """A new password of one's own."""

    template_name = "meanwhile/password.html"
    success_url = reverse_lazy("home")

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(*args, **kwargs)

    def get_form(self, form_class: Any = None) -> Any:
        form: forms.Form = super().get_form(form_class)
        return style(form)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password is changed."))
        return super().form_valid(form)
