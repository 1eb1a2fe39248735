"""Addresses of the designer, below ``/designer/``."""

from django.urls import include, path

from meanwhile.designer import (
    application_views,
    dry_run_views,
    field_views,
    history_views,
    mending_views,
    publish_views,
    starting_views,
    table_event_views,
    table_views,
    tree_views,
    version_views,
)

_TABLE = "<str:key>/tables/<str:table>/"
_EVENT = "<str:key>/events/<str:event>/"

urlpatterns = [
    path("", application_views.index, name="designer"),
    path("new-application/", starting_views.new, name="designer-new"),
    path("new-application/from/<str:name>/", starting_views.from_example, name="designer-example"),
    path("<str:key>/", application_views.home, name="designer-application"),
    path("<str:key>/start/", starting_views.next_steps, name="designer-start"),
    path("<str:key>/undo/", history_views.undo, name="designer-undo"),
    path("<str:key>/redo/", history_views.redo, name="designer-redo"),
    path("<str:key>/discard/", history_views.discard, name="designer-discard"),
    path("<str:key>/dry-run/", dry_run_views.show, name="designer-dry-run"),
    path("<str:key>/publish/", publish_views.show, name="designer-publish"),
    path("<str:key>/publish/done/<int:number>/", publish_views.published, name="designer-published"),
    path("<str:key>/versions/", version_views.show, name="designer-versions"),
    path("<str:key>/versions/compare/", version_views.compare, name="designer-compare"),
    path("<str:key>/versions/upload/", version_views.upload, name="designer-upload"),
    path("<str:key>/versions/move/", publish_views.move, name="designer-versions-move"),
    path("<str:key>/versions/delete-data/", version_views.delete_data, name="designer-delete-data"),
    path("<str:key>/versions/<str:which>.yaml", version_views.download, name="designer-download"),
    path("<str:key>/versions/<int:number>/restore/", version_views.restore, name="designer-restore"),
    path("<str:key>/mend/", mending_views.carry_out, name="designer-mend"),
    path("<str:key>/new-table/", table_views.new, name="designer-table-new"),
    path(f"{_TABLE}records/", include("meanwhile.designer.records_urls")),
    path(_TABLE, table_views.show, name="designer-table"),
    path(f"{_TABLE}label/", table_views.relabel, name="designer-table-label"),
    path(f"{_TABLE}delete/", table_views.delete, name="designer-table-delete"),
    path(f"{_TABLE}new-field/", field_views.new, name="designer-field-new"),
    path(f"{_TABLE}move/", field_views.move, name="designer-field-move"),
    path(f"{_TABLE}fields/<str:field>/", field_views.show, name="designer-field"),
    path(f"{_TABLE}fields/<str:field>/delete/", field_views.delete, name="designer-field-delete"),
    path(f"{_TABLE}new-event/", table_event_views.new, name="designer-event-new"),
    path(f"{_TABLE}events/<str:event>/", table_event_views.show, name="designer-table-event"),
    path(f"{_TABLE}events/<str:event>/delete/", table_event_views.delete, name="designer-table-event-delete"),
    path(_EVENT, tree_views.show, name="designer-event"),
    path(f"{_EVENT}change/", tree_views.change, name="designer-event-change"),
    path(f"{_EVENT}settings/", tree_views.configure, name="designer-event-settings"),
    path(f"{_EVENT}sample/", tree_views.choose_sample, name="designer-event-sample"),
    path(f"{_EVENT}value/", tree_views.value, name="designer-value"),
]
