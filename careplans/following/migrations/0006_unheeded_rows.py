from django.db import migrations

#: Marks what was not heeded before the column was there; evaluations keep the mark from now on.
MARK = """
UPDATE carefollow_careoccurrence SET is_unheeded = true WHERE id IN (
    SELECT min(r.id) FILTER (WHERE r.place = 1) FROM (
        SELECT o.id, o.customer_id, o.code, o.state, row_number() OVER (
            PARTITION BY o.customer_id, o.code ORDER BY o.last DESC, o.first DESC, o.start DESC, o.event DESC
        ) AS place
        FROM carefollow_careoccurrence o
        WHERE o.state IN ('done', 'late', 'missed') AND o.is_mandatory AND o.scope = 'customer'
    ) r WHERE r.place <= 3 GROUP BY r.customer_id, r.code
    HAVING count(*) = 3 AND bool_and(r.state = 'missed')
)
"""


class Migration(migrations.Migration):
    dependencies = [("carefollow", "0005_unheeded")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
