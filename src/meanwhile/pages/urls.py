"""Addresses of what people see: forms, pages, sign-in, people and groups, health."""

from django.urls import path

from meanwhile.pages import accounts, form_views, health, home, page_views, people

urlpatterns = [
    path("", home.home, name="home"),
    path("forms/<str:application>/<str:form>/", form_views.new, name="form"),
    path("forms/<str:application>/<str:form>/<str:token>/", form_views.edit, name="form-edit"),
    path("forms/<str:application>/<str:form>/<str:token>/fresh/", form_views.fresh, name="form-fresh"),
    path("pages/<str:application>/<str:page>/<str:token>/", page_views.show, name="page"),
    path("pages/<str:application>/<str:page>/<str:token>/fresh/", page_views.fresh, name="page-fresh"),
    path("thanks/<str:application>/<str:form>/", form_views.thanks, name="thanks"),
    path("sign-in/", accounts.SignIn.as_view(), name="sign-in"),
    path("sign-out/", accounts.SignOut.as_view(), name="sign-out"),
    path("password/", accounts.Password.as_view(), name="password"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="person-new"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/password/", people.new_password, name="person-password"),
    path("people/groups/new/", people.group, name="group-new"),
    path("people/groups/<int:group_id>/", people.group, name="group"),
    path("people/groups/<int:group_id>/delete/", people.delete_group, name="group-delete"),
    path("healthz", health.healthz, name="healthz"),
]
