"""What writes on which days care models are customers', when customers are inactive, and which plans wait.

Each step is one statement for the customers of a batch and writes only what differs; ``DIFFERENT`` finds the customers
of which a step would write anything.
"""

from __future__ import annotations

from careplans.plans.approval_days import APPROVAL_DAYS

#: A membership has the days at the end of which it was there: what ended on the day of its beginning has none, and
#: days that follow each other become one stay.
_OF_SEGMENTS = """
SELECT w.customer_id, w.model_id, lower(span) AS first, upper(span) - 1 AS last
FROM (
    SELECT ms.customer_id, m.id AS model_id, range_agg(
        daterange((lower(ms.period) AT TIME ZONE %(zone)s)::date, (upper(ms.period) AT TIME ZONE %(zone)s)::date)
        * daterange(NULL, (m.retired_at AT TIME ZONE %(zone)s)::date)
    ) AS spans
    FROM membership_membership ms JOIN caremodels_caremodel m ON m.segment_id = ms.segment_id
    WHERE ms.customer_id = ANY(%(ids)s) GROUP BY ms.customer_id, m.id
) w, unnest(w.spans) AS span
"""
_SEGMENTS_GONE = f"""
DELETE FROM careplans_modelstay s USING caremodels_caremodel m
WHERE m.id = s.model_id AND m.segment_id IS NOT NULL AND s.customer_id = ANY(%(ids)s)
    AND (s.customer_id, s.model_id, s.first) NOT IN (SELECT customer_id, model_id, first FROM ({_OF_SEGMENTS}) wanted)
RETURNING s.customer_id
"""  # noqa: S608
_SEGMENTS_WRITE = f"""
INSERT INTO careplans_modelstay AS s (customer_id, model_id, first, last)
SELECT customer_id, model_id, first, last FROM ({_OF_SEGMENTS}) wanted ORDER BY 1, 2, 3
ON CONFLICT (customer_id, model_id, first) DO UPDATE SET last = EXCLUDED.last
WHERE s.last IS DISTINCT FROM EXCLUDED.last
RETURNING s.customer_id
"""  # noqa: S608

_BELOW = "starts_with(d.path, n.path)"
#: The same of a class that has been moved elsewhere since.
_WAS_BELOW = f"""({_BELOW} OR EXISTS (
    SELECT 1 FROM customers_classificationnodeevent b WHERE b.pgh_obj_id = d.id AND starts_with(b.path, n.path)
))"""  # noqa: S608
#: When a customer (``w``) had the class of a model or one below it, by the history of its classes.
_HAD = """
FROM caremodels_caremodel m
JOIN customers_classificationnode n ON n.id = m.node_id
JOIN customers_classificationnode d ON d.branch_id = n.branch_id AND {below}
JOIN (
    SELECT e.node_id, (e.pgh_created_at AT TIME ZONE %(zone)s)::date AS since, (
        CASE e.pgh_label WHEN 'delete' THEN e.pgh_created_at
        ELSE lead(e.pgh_created_at) OVER (PARTITION BY e.id ORDER BY e.pgh_id) END AT TIME ZONE %(zone)s
    )::date AS until
    FROM customers_customerclassificationevent e WHERE e.customer_id = w.customer_id
) had ON had.node_id = d.id
"""
#: Since which day, of those at the end of which it has it: never before the model was in use or the class below that
#: of the model.
_SINCE = f"""
SELECT max(lower(span)) FROM (
    SELECT range_agg(daterange(had.since, had.until) * daterange(greatest(used.since, below.since), NULL)) AS spans
    {_HAD.format(below=_BELOW)}
    CROSS JOIN LATERAL (
        SELECT (min(u.pgh_created_at) AT TIME ZONE %(zone)s)::date AS since FROM caremodels_caremodelevent u
        WHERE u.pgh_obj_id = m.id AND u.pgh_id > coalesce((
            SELECT max(r.pgh_id) FROM caremodels_caremodelevent r
            WHERE r.pgh_obj_id = m.id AND r.retired_at IS NOT NULL
        ), 0)
    ) used
    CROSS JOIN LATERAL (
        SELECT (min(u.pgh_created_at) AT TIME ZONE %(zone)s)::date AS since FROM customers_classificationnodeevent u
        WHERE u.pgh_obj_id = d.id AND u.pgh_id > coalesce((
            SELECT max(r.pgh_id) FROM customers_classificationnodeevent r
            WHERE r.pgh_obj_id = d.id AND NOT starts_with(r.path, n.path)
        ), 0)
    ) below
    WHERE m.id = w.model_id
) h, unnest(h.spans) AS span WHERE upper(span) IS NULL
"""  # noqa: S608
#: Until which day, of those after the beginning of a stay; the day before it if the class was taken away at once. A
#: customer who has it still has it until today: the model was retired, or the class moved away from it.
_UNTIL = f"""
SELECT max(coalesce(had.until, %(today)s)) - 1 {_HAD.format(below=_WAS_BELOW)}
WHERE m.id = w.model_id AND coalesce(had.until, %(today)s) >= w.first
"""
#: What customers have now. A stay begins and ends with the class, also if it is first seen on a later day.
_OF_NODES = """
SELECT DISTINCT cc.customer_id, m.id AS model_id
FROM caremodels_caremodel m
JOIN customers_classificationnode n ON n.id = m.node_id
JOIN customers_classificationnode d ON d.branch_id = n.branch_id AND starts_with(d.path, n.path)
JOIN customers_customerclassification cc ON cc.node_id = d.id
WHERE m.retired_at IS NULL AND cc.customer_id = ANY(%(ids)s)
"""
_NOT_OF_NODES = f"""
s.last IS NULL AND s.customer_id = ANY(%(ids)s) AND m.id = s.model_id AND m.node_id IS NOT NULL
    AND (s.customer_id, s.model_id) NOT IN (SELECT customer_id, model_id FROM ({_OF_NODES}) wanted)
"""  # noqa: S608
_OVER = f"""
SELECT w.id, least(%(today)s - 1, ({_UNTIL})) AS last
FROM (
    SELECT s.id, s.customer_id, s.model_id, s.first FROM careplans_modelstay s, caremodels_caremodel m
    WHERE {_NOT_OF_NODES}
) w
"""  # noqa: S608
_NODES_UNDONE = f"""
DELETE FROM careplans_modelstay s USING ({_OVER}) gone WHERE gone.id = s.id AND s.first > gone.last
RETURNING s.customer_id
"""  # noqa: S608
_NODES_ENDED = f"""
UPDATE careplans_modelstay s SET last = gone.last FROM ({_OVER}) gone WHERE gone.id = s.id
RETURNING s.customer_id
"""  # noqa: S608
_NODES_BACK = f"""
UPDATE careplans_modelstay s SET last = NULL FROM ({_OF_NODES}) wanted
WHERE (wanted.customer_id, wanted.model_id) = (s.customer_id, s.model_id) AND s.last = %(today)s - 1
RETURNING s.customer_id
"""  # noqa: S608
_NODES_BEGUN = f"""
INSERT INTO careplans_modelstay (customer_id, model_id, first)
SELECT w.customer_id, w.model_id, greatest(
    least(%(today)s, ({_SINCE})),
    (SELECT max(s.last) + 1 FROM careplans_modelstay s
        WHERE (s.customer_id, s.model_id) = (w.customer_id, w.model_id))
)
FROM ({_OF_NODES}) w WHERE NOT EXISTS (
    SELECT 1 FROM careplans_modelstay s
    WHERE (s.customer_id, s.model_id) = (w.customer_id, w.model_id) AND s.last IS NULL
)
RETURNING customer_id
"""  # noqa: S608

#: The day on which a customer (``c``) came to the state that it has, by its history and not before {since}; without a
#: history today. A run may come later, after midnight too.
_TURNED = """least(%(today)s, (
    SELECT (min(e.pgh_created_at) AT TIME ZONE %(zone)s)::date FROM customers_customerevent e
    WHERE e.pgh_obj_id = c.id AND e.pgh_id > (
        SELECT max(o.pgh_id) FROM customers_customerevent o WHERE o.pgh_obj_id = c.id AND o.state <> c.state
    )
    HAVING (min(e.pgh_created_at) AT TIME ZONE %(zone)s)::date >= {since}
))"""
_ACTIVATED = _TURNED.format(since="s.first")
#: What is open of customers that are active again on the day of the deactivation, or inactive since another day.
_NEVER_WAS = f"""
c.id = s.customer_id AND s.customer_id = ANY(%(ids)s) AND s.last IS NULL
    AND (
        (c.state = 'active' AND {_ACTIVATED} IN (s.first, s.noted_on))
        OR (c.state = 'active' AND s.first >= %(today)s)
        OR (c.state = 'passive' AND s.first <> c.passive_since)
    )
"""
_INACTIVE_BEFORE = f"""
UPDATE careplans_inactivespan s SET last = s.former_last, former_last = NULL FROM customers_customer c
WHERE s.former_last IS NOT NULL AND {_NEVER_WAS}
RETURNING s.customer_id
"""  # noqa: S608
_INACTIVE_UNDONE = f"""
DELETE FROM careplans_inactivespan s USING customers_customer c WHERE {_NEVER_WAS}
RETURNING s.customer_id
"""  # noqa: S608
_INACTIVE_ENDED = f"""
UPDATE careplans_inactivespan s SET last = {_ACTIVATED} - 1, former_last = NULL FROM customers_customer c
WHERE c.id = s.customer_id AND s.customer_id = ANY(%(ids)s) AND s.last IS NULL AND c.state = 'active'
RETURNING s.customer_id
"""  # noqa: S608
_INACTIVE_BEGUN = f"""
INSERT INTO careplans_inactivespan AS s (customer_id, first, noted_on)
SELECT c.id, coalesce(c.passive_since, %(today)s), {_TURNED.format(since="coalesce(c.passive_since, %(today)s)")}
FROM customers_customer c
WHERE c.id = ANY(%(ids)s) AND c.state = 'passive'
    AND NOT EXISTS (SELECT 1 FROM careplans_inactivespan o WHERE o.customer_id = c.id AND o.last IS NULL)
ON CONFLICT (customer_id, first) DO UPDATE SET last = NULL, former_last = s.last, noted_on = EXCLUDED.noted_on
RETURNING s.customer_id
"""  # noqa: S608

#: Plans that management approves: of customers now in a segment that needs approval, with the versions that apply,
#: whatever their models belong to. What was approved before the customer came (back) does not count.
_TO_APPROVE = f"""
SELECT s.customer_id, v.id AS model_version_id, greatest(s.first, d.first) AS since
FROM ({APPROVAL_DAYS}) d
JOIN careplans_modelstay s ON s.customer_id = d.customer_id AND s.last IS NULL
JOIN caremodels_caremodel m ON m.id = s.model_id AND m.retired_at IS NULL
JOIN caremodels_modelversion v ON v.model_id = m.id
    AND v.status = 'approved' AND (v.valid_to IS NULL OR v.valid_to >= %(today)s)
WHERE d.last IS NULL AND NOT EXISTS (
    SELECT 1 FROM careplans_planapproval p WHERE p.customer_id = s.customer_id AND p.model_version_id = v.id
        AND p.status = 'approved' AND p.decided_on >= greatest(s.first, d.first)
)
"""  # noqa: S608
_APPROVALS_GONE = f"""
DELETE FROM careplans_planapproval a WHERE a.status = 'waiting' AND a.customer_id = ANY(%(ids)s)
    AND (a.customer_id, a.model_version_id)
    NOT IN (SELECT customer_id, model_version_id FROM ({_TO_APPROVE}) wanted)
RETURNING a.customer_id
"""  # noqa: S608
_APPROVALS_RENEWED = f"""
UPDATE careplans_planapproval a SET status = 'waiting', asked_on = %(today)s, asked_by_id = NULL, decided_by_id = NULL,
    decided_on = NULL, note = '', version = a.version + 1, updated_at = %(now)s
FROM ({_TO_APPROVE}) wanted
WHERE (wanted.customer_id, wanted.model_version_id) = (a.customer_id, a.model_version_id)
    AND a.status = 'rejected' AND a.decided_on < wanted.since
RETURNING a.customer_id
"""  # noqa: S608
_APPROVALS_ASKED = f"""
INSERT INTO careplans_planapproval
    (customer_id, model_version_id, status, asked_on, note, version, created_at, updated_at)
SELECT customer_id, model_version_id, 'waiting', %(today)s, '', 1, %(now)s, %(now)s FROM ({_TO_APPROVE}) wanted
ON CONFLICT (customer_id, model_version_id) WHERE NOT (status = 'approved') DO NOTHING
RETURNING customer_id
"""  # noqa: S608
#: In their order; each returns the customers of the rows that it wrote.
STEPS = (
    _SEGMENTS_GONE, _SEGMENTS_WRITE, _NODES_UNDONE, _NODES_ENDED, _NODES_BACK, _NODES_BEGUN, _INACTIVE_BEFORE,
    _INACTIVE_UNDONE, _INACTIVE_ENDED, _INACTIVE_BEGUN, _APPROVALS_GONE, _APPROVALS_RENEWED, _APPROVALS_ASKED,
)  # fmt: skip

_IN_SEGMENTS, _IN_NODES, _APPROVABLE = (
    sql.replace("= ANY(%(ids)s)", "IS NOT NULL") for sql in (_OF_SEGMENTS, _OF_NODES, _TO_APPROVE)
)
#: The customers, of all, of which a step would write a row: found at once, in a fraction of the time of the steps.
DIFFERENT = f"""
WITH of_segment AS (
    SELECT s.customer_id, s.model_id, s.first, s.last
    FROM careplans_modelstay s JOIN caremodels_caremodel m ON m.id = s.model_id AND m.segment_id IS NOT NULL
), of_node AS (
    SELECT s.customer_id, s.model_id FROM careplans_modelstay s
    JOIN caremodels_caremodel m ON m.id = s.model_id AND m.node_id IS NOT NULL WHERE s.last IS NULL
), in_node AS MATERIALIZED ({_IN_NODES}), to_approve AS MATERIALIZED ({_APPROVABLE})
SELECT coalesce(w.customer_id, s.customer_id)
FROM ({_IN_SEGMENTS}) w FULL JOIN of_segment s
    ON (s.customer_id, s.model_id, s.first) = (w.customer_id, w.model_id, w.first)
WHERE w.customer_id IS NULL OR s.customer_id IS NULL OR s.last IS DISTINCT FROM w.last
UNION
SELECT customer_id FROM (TABLE of_node EXCEPT SELECT customer_id, model_id FROM in_node) ended
UNION
SELECT customer_id FROM (
    SELECT customer_id, model_id FROM in_node
    EXCEPT SELECT customer_id, model_id FROM careplans_modelstay WHERE last IS NULL
) begun
UNION
SELECT s.customer_id FROM careplans_modelstay s JOIN in_node USING (customer_id, model_id)
WHERE s.last = %(today)s::date - 1
UNION
SELECT s.customer_id FROM careplans_inactivespan s JOIN customers_customer c ON c.id = s.customer_id
WHERE s.last IS NULL AND (c.state = 'active' OR (c.state = 'passive' AND s.first <> c.passive_since))
UNION
SELECT c.id FROM customers_customer c
WHERE c.state = 'passive'
    AND NOT EXISTS (SELECT 1 FROM careplans_inactivespan o WHERE o.customer_id = c.id AND o.last IS NULL)
UNION
SELECT customer_id FROM (
    SELECT customer_id, model_version_id FROM careplans_planapproval WHERE status = 'waiting'
    EXCEPT SELECT customer_id, model_version_id FROM to_approve
) gone
UNION
SELECT customer_id FROM (
    SELECT customer_id, model_version_id FROM to_approve
    EXCEPT SELECT a.customer_id, a.model_version_id FROM careplans_planapproval a
    LEFT JOIN to_approve w USING (customer_id, model_version_id)
    WHERE a.status <> 'approved' AND NOT (a.status = 'rejected' AND coalesce(a.decided_on < w.since, false))
) asked
ORDER BY 1
"""  # noqa: S608
