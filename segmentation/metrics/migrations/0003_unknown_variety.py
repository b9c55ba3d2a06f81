from django.db import migrations

#: Figures of which 0 was what no data means; now it is a value of its own, and no data means that it is not known.
CODES = ["product_groups_36", "products_36", "variety_36"]

#: The next nightly run writes them again, with the rows of their history that 0 had none of.
FORGET_ZEROS = """
UPDATE metrics_customermetrics SET "values" = "values" - ARRAY(
    SELECT code FROM unnest(%s::text[]) code WHERE "values"->>code = '0'
)
WHERE "values"->>'product_groups_36' = '0' OR "values"->>'products_36' = '0' OR "values"->>'variety_36' = '0'
"""


def forget_zeros(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FORGET_ZEROS, [CODES])


class Migration(migrations.Migration):
    dependencies = [("metrics", "0002_own_metric_reference")]

    operations = [migrations.RunPython(forget_zeros, migrations.RunPython.noop)]
