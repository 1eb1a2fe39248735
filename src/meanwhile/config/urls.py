"""Addresses of the stand-alone site."""

from django.urls import URLPattern, URLResolver, include, path

from meanwhile.monitor.metrics_views import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("meanwhile.pages.urls")),
    path("metrics", metrics, name="metrics"),
    path("monitor/", include("meanwhile.monitor.urls")),
    path("designer/", include("meanwhile.designer.urls")),
]

handler400 = "meanwhile.pages.errors.bad_request"
handler403 = "meanwhile.pages.errors.forbidden"
handler404 = "meanwhile.pages.errors.not_found"
handler500 = "meanwhile.pages.errors.server_error"
