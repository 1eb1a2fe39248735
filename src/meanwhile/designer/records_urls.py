"""Addresses of the records of a table, below ``/designer/<application>/tables/<table>/records/``."""

from django.urls import path

from meanwhile.designer import records_edit_views, records_import_views, records_list_views

urlpatterns = [
    path("", records_list_views.records, name="designer-records"),
    path("new/", records_edit_views.new, name="designer-record-new"),
    path("edit/<path:record_id>/", records_edit_views.edit, name="designer-record"),
    path("delete/", records_edit_views.delete, name="designer-records-delete"),
    path("export.csv", records_list_views.export, name="designer-records-export"),
    path("import/", records_import_views.upload, name="designer-import-new"),
    path("import/<int:import_id>/", records_import_views.one, name="designer-import"),
    path("import/<int:import_id>/cancel/", records_import_views.cancel, name="designer-import-cancel"),
    path("import/<int:import_id>/refused.csv", records_import_views.refused, name="designer-import-refused"),
]
