"""Writers of sums wait for each other where new occurrences are in their table, not before they are written.

New rows are nobody else's. Those that are changed or deleted may be: there writers still wait before their statement.
"""

import importlib

from django.db import migrations

in_place = importlib.import_module("careplans.following.migrations.0010_sums_in_place")

LOCK = "PERFORM pg_advisory_xact_lock(4714003);"


def lock_before(events):
    return f"""
CREATE OR REPLACE TRIGGER carefollow_sum_lock BEFORE {events} ON carefollow_careoccurrence
FOR EACH STATEMENT EXECUTE FUNCTION carefollow_sum_lock();
"""


INSERT = in_place.function("insert")


class Migration(migrations.Migration):
    dependencies = [("carefollow", "0010_sums_in_place")]

    operations = [
        migrations.RunSQL(INSERT.replace("BEGIN", f"BEGIN\n    {LOCK}", 1), INSERT),
        migrations.RunSQL(lock_before("UPDATE OR DELETE"), lock_before("INSERT OR UPDATE OR DELETE")),
    ]
