"""Addresses of the monitor."""

from django.urls import path

from meanwhile.monitor import acting, job_views, mail_views, overview_views, queue_views, run_views

urlpatterns = [
    path("", overview_views.overview, name="monitor"),
    path("jobs/", job_views.jobs, name="monitor-jobs"),
    path("jobs/<int:job_id>/", job_views.job, name="monitor-job"),
    path("jobs/<slug:action>/", acting.act, name="monitor-act"),
    path("runs/", run_views.runs, name="monitor-runs"),
    path("runs/<int:run_id>/", run_views.run, name="monitor-run"),
    path("workers/", overview_views.workers, name="monitor-workers"),
    path("queues/", queue_views.queues, name="monitor-queues"),
    path("queues/rules/", queue_views.queue, name="monitor-queue"),
    path("queues/hold/", queue_views.hold, name="monitor-queue-hold"),
    path("queues/forget/", queue_views.forget, name="monitor-queue-forget"),
    path("mail/", mail_views.mails, name="monitor-mails"),
    path("mail/<str:name>/", mail_views.mail, name="monitor-mail"),
]
