from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf, StrIndex, Substr


class Migration(migrations.Migration):
    dependencies = [
        ("meanwhile", "0003_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueueRules",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("paused", models.BooleanField(default=False)),
                ("concurrency", models.PositiveIntegerField(null=True)),
                ("per_minute", models.PositiveIntegerField(null=True)),
                ("priority", models.SmallIntegerField(default=0)),
                ("open_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "meanwhile_queue",
                "constraints": [
                    models.CheckConstraint(condition=~Q(name=""), name="meanwhile_queue_has_name"),
                    models.CheckConstraint(
                        condition=Q(concurrency__isnull=True) | Q(concurrency__gte=1),
                        name="meanwhile_queue_concurrency",
                    ),
                    models.CheckConstraint(
                        condition=Q(per_minute__isnull=True) | Q(per_minute__gte=1), name="meanwhile_queue_per_minute"
                    ),
                    models.CheckConstraint(condition=Q(priority__range=(-1000, 1000)), name="meanwhile_queue_priority"),
                ],
            },
        ),
        migrations.RemoveIndex(model_name="job", name="meanwhile_job_held"),
        migrations.AddField(
            model_name="job",
            name="share",
            field=models.GeneratedField(
                db_persist=True,
                expression=Coalesce(
                    Substr("line", Value(1), NullIf(StrIndex(F("line"), Value(":")), Value(0)) - Value(1)),
                    F("branch_node"),
                ),
                output_field=models.CharField(max_length=200),
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=Q(state="available"), fields=["queue", "share", "due_at", "id"], name="meanwhile_job_lane"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=Q(lease__isnull=False), fields=["lease", "queue", "share"], name="meanwhile_job_held"
            ),
        ),
    ]
