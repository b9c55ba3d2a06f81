from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0008_details_of_old"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="emailtemplate",
            options={
                "default_permissions": (),
                "ordering": ("name", "id"),
                "permissions": (("manage_email_templates", "May change the e-mail templates that all share"),),
                "verbose_name": "template",
                "verbose_name_plural": "templates",
            },
        ),
    ]
