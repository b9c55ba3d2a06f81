from django.db import migrations

#: The classes are segments now. Their assignments are many: no event is written for each.
REMOVE = """
ALTER TABLE customers_customerclassification DISABLE TRIGGER USER;
DELETE FROM customers_customerclassification k USING customers_classificationnode n, customers_classificationbranch b
    WHERE n.id = k.node_id AND b.id = n.branch_id AND b.purpose = 'segment';
ALTER TABLE customers_customerclassification ENABLE TRIGGER USER;
DELETE FROM customers_classificationnode_assigners a USING customers_classificationnode n, customers_classificationbranch b
    WHERE n.id = a.classificationnode_id AND b.id = n.branch_id AND b.purpose = 'segment';
DELETE FROM customers_classificationnode n USING customers_classificationbranch b
    WHERE b.id = n.branch_id AND b.purpose = 'segment';
DELETE FROM customers_classificationbranch_assigners a USING customers_classificationbranch b
    WHERE b.id = a.classificationbranch_id AND b.purpose = 'segment';
DELETE FROM customers_classificationbranch WHERE purpose = 'segment';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("membership", "0001_initial"),
        ("customers", "0007_segments"),
        ("selections", "0005_segment_references"),
        ("feedback", "0002_segments"),
    ]

    operations = [migrations.RunSQL(REMOVE, migrations.RunSQL.noop)]
