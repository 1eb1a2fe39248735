"""Addresses of the designer, below ``/designer/``."""

from django.urls import path

from meanwhile.designer import application_views, history_views, mending_views, tree_views

_EVENT = "<str:key>/events/<str:event>/"

urlpatterns = [
    path("", application_views.index, name="designer"),
    path("<str:key>/", application_views.home, name="designer-application"),
    path("<str:key>/undo/", history_views.undo, name="designer-undo"),
    path("<str:key>/redo/", history_views.redo, name="designer-redo"),
    path("<str:key>/discard/", history_views.discard, name="designer-discard"),
    path("<str:key>/mend/", mending_views.carry_out, name="designer-mend"),
    path(_EVENT, tree_views.show, name="designer-event"),
    path(f"{_EVENT}change/", tree_views.change, name="designer-event-change"),
    path(f"{_EVENT}settings/", tree_views.configure, name="designer-event-settings"),
]
