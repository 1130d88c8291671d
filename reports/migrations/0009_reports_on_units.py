import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0029_tasks_of_auditors"),
        ("reports", "0008_kept_standings"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="of_unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.businessunit",
                verbose_name="unit",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="system",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.aisystem"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("system__isnull", True), ("of_unit__isnull", True), _connector="XOR"),
                name="a_report_is_about_one_thing",
            ),
        ),
    ]
