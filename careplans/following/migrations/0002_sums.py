"""Triggers that keep ``CareSum`` equal to the occurrences, whatever statement changes them.

Each statement adds its differences in one sorted INSERT. Writers wait for each other from before their first statement
to their commit, so that those of one transaction never wait in another order than those of another.
"""

from django.db import migrations

GROUPED = (
    "holder", "user_id", "team_id", "unit_id", "segment_id", "node_id", "care_model_id", "code", "scope",
    "is_mandatory", "is_contact",
)  # fmt: skip
FIGURES = {
    **{state: f"state = '{state}'" for state in ("done", "late", "missed", "coming", "skipped")},
    "already_done": "state = 'coming' AND done_on IS NOT NULL",
    "scheduled": "state = 'coming' AND is_scheduled",
}
KEYS = ", ".join(GROUPED)
NUMBERS = ", ".join(f"coalesce(sum(n) FILTER (WHERE {found}), 0) AS {name}" for name, found in FIGURES.items())
ADDED = ", ".join(f"{name} = s.{name} + excluded.{name}" for name in FIGURES)
ANY = " OR ".join(f"{name} <> 0" for name in FIGURES)
ROWS = {
    "insert": "SELECT *, 1 AS n FROM come",
    "update": "SELECT *, 1 AS n FROM come UNION ALL SELECT *, -1 AS n FROM gone",
    "delete": "SELECT *, -1 AS n FROM gone",
}
TABLES = {
    "insert": "NEW TABLE AS come",
    "update": "OLD TABLE AS gone NEW TABLE AS come",
    "delete": "OLD TABLE AS gone",
}
LOCKED = """
CREATE FUNCTION carefollow_sum_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4714003);
    RETURN NULL;
END $$;
CREATE TRIGGER carefollow_sum_lock BEFORE INSERT OR UPDATE OR DELETE ON carefollow_careoccurrence
FOR EACH STATEMENT EXECUTE FUNCTION carefollow_sum_lock();
"""
UNLOCKED = """
DROP TRIGGER carefollow_sum_lock ON carefollow_careoccurrence;
DROP FUNCTION carefollow_sum_lock();
"""


def function(event):
    return f"""
CREATE FUNCTION carefollow_sum_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO carefollow_caresum AS s (day, {KEYS}, {", ".join(FIGURES)})
    SELECT * FROM (
        SELECT last, {KEYS}, {NUMBERS} FROM ({ROWS[event]}) changed GROUP BY last, {KEYS}
    ) added WHERE {ANY} ORDER BY last, {KEYS}
    ON CONFLICT (day, {KEYS}) DO UPDATE SET {ADDED};
    DELETE FROM carefollow_caresum WHERE done = 0 AND late = 0 AND missed = 0 AND coming = 0 AND skipped = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER carefollow_sum_{event} AFTER {event.upper()} ON carefollow_careoccurrence
REFERENCING {TABLES[event]} FOR EACH STATEMENT EXECUTE FUNCTION carefollow_sum_{event}();
"""  # noqa: S608


def dropped(event):
    return f"""
DROP TRIGGER carefollow_sum_{event} ON carefollow_careoccurrence;
DROP FUNCTION carefollow_sum_{event}();
"""


class Migration(migrations.Migration):
    dependencies = [("carefollow", "0001_initial")]

    operations = [
        migrations.RunSQL(LOCKED, UNLOCKED),
        *(migrations.RunSQL(function(event), dropped(event)) for event in ROWS),
    ]
