from django.db import migrations

#: The segment is a field of its own now, not a class of a branch.
RENAME = """
UPDATE imports_importmapping SET config = replace(config::text, '"class:segment"', '"segment"')::jsonb
    WHERE config::text LIKE '%"class:segment"%';
UPDATE imports_importrun SET config = replace(config::text, '"class:segment"', '"segment"')::jsonb
    WHERE config::text LIKE '%"class:segment"%';
"""


class Migration(migrations.Migration):
    dependencies = [("imports", "0004_metric_kinds")]

    operations = [migrations.RunSQL(RENAME, migrations.RunSQL.noop)]
