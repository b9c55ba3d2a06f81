"""Sums that change in place: no index is of their figures, and what has become nothing is deleted by its key.

As ``0002_sums``, but for how empty sums are found: a condition on figures makes each change write all indexes again.
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
NONE = " AND ".join(f"{state} = 0" for state in ("done", "late", "missed", "coming", "skipped"))
ROWS = {
    "insert": "SELECT *, 1 AS n FROM come",
    "update": "SELECT *, 1 AS n FROM come UNION ALL SELECT *, -1 AS n FROM gone",
    "delete": "SELECT *, -1 AS n FROM gone",
}


def upsert(event):
    return f"""
    INSERT INTO carefollow_caresum AS s (day, {KEYS}, {", ".join(FIGURES)})
    SELECT * FROM (
        SELECT last, {KEYS}, {NUMBERS} FROM ({ROWS[event]}) changed GROUP BY last, {KEYS}
    ) added WHERE {ANY} ORDER BY last, {KEYS}
    ON CONFLICT (day, {KEYS}) DO UPDATE SET {ADDED}"""  # noqa: S608


def function(event):
    body = f"{upsert(event)};"
    if event != "insert":  # what is added makes nothing empty
        body = f"""
    WITH written AS ({upsert(event)}
        RETURNING id, {NONE} AS is_empty
    ) SELECT array_agg(id) FROM written WHERE is_empty INTO emptied;
    DELETE FROM carefollow_caresum WHERE id = ANY (emptied);"""  # noqa: S608
    return f"""
CREATE OR REPLACE FUNCTION carefollow_sum_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE emptied bigint[];
BEGIN{body}
    RETURN NULL;
END $$;
"""


def function_before(event):
    return f"""
CREATE OR REPLACE FUNCTION carefollow_sum_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{upsert(event)};
    DELETE FROM carefollow_caresum WHERE {NONE};
    RETURN NULL;
END $$;
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("carefollow", "0009_fewer_indexes")]

    operations = [
        *(migrations.RunSQL(function(event), function_before(event)) for event in ROWS),
        migrations.RunSQL(
            "ALTER TABLE carefollow_caresum SET (fillfactor = 80)", "ALTER TABLE carefollow_caresum RESET (fillfactor)"
        ),
        migrations.RemoveIndex("caresum", "care_sum_empty"),
    ]
