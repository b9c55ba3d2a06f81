import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crm.operations import AddTriggers

#: What the server has, or may have, taken before there was a mark for it.
SENT_MESSAGES = """
UPDATE activities_emailmessage AS message SET was_handed_over = true
FROM activities_activity activity
WHERE activity.id = message.activity_id AND message.direction = 'out'
    AND (message.state = 'sent' OR message.error = 'unknown' OR activity.status = 'done')
"""
#: Of questions that should have gone long ago nobody knows whether they did.
NPS_QUESTIONS = """
UPDATE activities_npsquestion SET
    state = CASE WHEN sent_at IS NULL AND answered_at IS NULL AND asked_at < now() - interval '1 day'
        THEN 'failed' WHEN sent_at IS NULL AND answered_at IS NULL THEN 'waiting' ELSE 'sent' END,
    error = CASE WHEN sent_at IS NULL AND answered_at IS NULL AND asked_at < now() - interval '1 day'
        THEN 'unknown' ELSE '' END
"""


class Migration(migrations.Migration):
    """What is known of messages on their way, what answers feedback, mailboxes that are being tried."""

    dependencies = [
        ("activities", "0015_left_out_of_old"),
        ("customers", "0006_position_title_folded"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="emailmessage",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="emailmessage",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="emailmessage",
            name="delete_delete",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="npsquestion",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="npsquestion",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="npsquestion",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="emailmessage",
            name="feedback",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="answers",
                to="activities.feedback",
                verbose_name="feedback",
            ),
        ),
        migrations.AddField(
            model_name="emailmessage",
            name="was_handed_over",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="emailmessageevent",
            name="feedback",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="activities.feedback",
                verbose_name="feedback",
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="trying_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="npsquestion",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="npsquestion",
            name="error",
            field=models.CharField(blank=True, db_default="", max_length=500, verbose_name="error"),
        ),
        migrations.AddField(
            model_name="npsquestion",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting to be sent"),
                    ("sending", "being sent"),
                    ("sent", "sent"),
                    ("failed", "not sent"),
                    ("filed", "under its customer"),
                    ("inbox", "in the inbox"),
                    ("ignored", "ignored"),
                    ("refused", "kept as a file"),
                ],
                default="waiting",
                max_length=8,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="npsquestion",
            name="state_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now
            ),
        ),
        migrations.AddField(
            model_name="npsquestionevent",
            name="error",
            field=models.CharField(blank=True, db_default="", max_length=500, verbose_name="error"),
        ),
        migrations.AddField(
            model_name="npsquestionevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting to be sent"),
                    ("sending", "being sent"),
                    ("sent", "sent"),
                    ("failed", "not sent"),
                    ("filed", "under its customer"),
                    ("inbox", "in the inbox"),
                    ("ignored", "ignored"),
                    ("refused", "kept as a file"),
                ],
                default="waiting",
                max_length=8,
                verbose_name="state",
            ),
        ),
        migrations.RunSQL(SENT_MESSAGES, migrations.RunSQL.noop),
        migrations.RunSQL(NPS_QUESTIONS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="emailmessage",
            index=models.Index(
                models.F("in_reply_to"), condition=models.Q(("in_reply_to", ""), _negated=True), name="email_answers"
            ),
        ),
        migrations.AddIndex(
            model_name="emailmessage",
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["references"], name="email_names"),
        ),
        migrations.AddIndex(
            model_name="npsquestion",
            index=models.Index(
                models.F("state"),
                models.F("state_at"),
                condition=models.Q(("state", "sent"), _negated=True),
                name="nps_not_sent",
            ),
        ),
        AddTriggers(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="emailmessage",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_emailmessageevent" ("activity_id", "body", "created_at", "date", "direction", "error", "feedback_id", "id", "in_reply_to", "is_automatic", "mailbox_id", "message_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raw", "references", "sender", "sender_name", "size", "state", "subject", "thread_id", "user_id") SELECT new_values."activity_id", new_values."body", new_values."created_at", new_values."date", new_values."direction", new_values."error", new_values."feedback_id", new_values."id", new_values."in_reply_to", new_values."is_automatic", new_values."mailbox_id", new_values."message_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."raw", new_values."references", new_values."sender", new_values."sender_name", new_values."size", new_values."state", new_values."subject", new_values."thread_id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="93e1a5b91c6a8edb15b8c02dedff1136011bc598",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_4afdd",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="activities_emailmessage",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="emailmessage",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_emailmessageevent" ("activity_id", "body", "created_at", "date", "direction", "error", "feedback_id", "id", "in_reply_to", "is_automatic", "mailbox_id", "message_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raw", "references", "sender", "sender_name", "size", "state", "subject", "thread_id", "user_id") SELECT new_values."activity_id", new_values."body", new_values."created_at", new_values."date", new_values."direction", new_values."error", new_values."feedback_id", new_values."id", new_values."in_reply_to", new_values."is_automatic", new_values."mailbox_id", new_values."message_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."raw", new_values."references", new_values."sender", new_values."sender_name", new_values."size", new_values."state", new_values."subject", new_values."thread_id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."activity_id" IS DISTINCT FROM (new_values."activity_id") OR old_values."body" IS DISTINCT FROM (new_values."body") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."date" IS DISTINCT FROM (new_values."date") OR old_values."direction" IS DISTINCT FROM (new_values."direction") OR old_values."error" IS DISTINCT FROM (new_values."error") OR old_values."feedback_id" IS DISTINCT FROM (new_values."feedback_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."in_reply_to" IS DISTINCT FROM (new_values."in_reply_to") OR old_values."is_automatic" IS DISTINCT FROM (new_values."is_automatic") OR old_values."mailbox_id" IS DISTINCT FROM (new_values."mailbox_id") OR old_values."message_id" IS DISTINCT FROM (new_values."message_id") OR old_values."raw" IS DISTINCT FROM (new_values."raw") OR old_values."references" IS DISTINCT FROM (new_values."references") OR old_values."sender" IS DISTINCT FROM (new_values."sender") OR old_values."sender_name" IS DISTINCT FROM (new_values."sender_name") OR old_values."size" IS DISTINCT FROM (new_values."size") OR old_values."state" IS DISTINCT FROM (new_values."state") OR old_values."subject" IS DISTINCT FROM (new_values."subject") OR old_values."thread_id" IS DISTINCT FROM (new_values."thread_id") OR old_values."user_id" IS DISTINCT FROM (new_values."user_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="595b20d1b6db79c17b64379c4d03cf349ad1cd58",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_00620",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="activities_emailmessage",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="emailmessage",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_emailmessageevent" ("activity_id", "body", "created_at", "date", "direction", "error", "feedback_id", "id", "in_reply_to", "is_automatic", "mailbox_id", "message_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raw", "references", "sender", "sender_name", "size", "state", "subject", "thread_id", "user_id") SELECT old_values."activity_id", old_values."body", old_values."created_at", old_values."date", old_values."direction", old_values."error", old_values."feedback_id", old_values."id", old_values."in_reply_to", old_values."is_automatic", old_values."mailbox_id", old_values."message_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."raw", old_values."references", old_values."sender", old_values."sender_name", old_values."size", old_values."state", old_values."subject", old_values."thread_id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="2c476c747e779e8f22203b3dcabdcc372554bb23",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_4d83c",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="activities_emailmessage",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="npsquestion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_npsquestionevent" ("about_id", "answered_at", "asked_at", "asked_by_id", "comment", "contact_id", "customer_id", "error", "expires_at", "feedback_id", "group_id", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "segment_id", "state") SELECT new_values."about_id", new_values."answered_at", new_values."asked_at", new_values."asked_by_id", new_values."comment", new_values."contact_id", new_values."customer_id", new_values."error", new_values."expires_at", new_values."feedback_id", new_values."group_id", new_values."id", new_values."language", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."score", new_values."segment_id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="27588bfb3747014a77984a4d7b43ff36c4a9c078",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_73a1d",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="activities_npsquestion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="npsquestion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_npsquestionevent" ("about_id", "answered_at", "asked_at", "asked_by_id", "comment", "contact_id", "customer_id", "error", "expires_at", "feedback_id", "group_id", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "segment_id", "state") SELECT new_values."about_id", new_values."answered_at", new_values."asked_at", new_values."asked_by_id", new_values."comment", new_values."contact_id", new_values."customer_id", new_values."error", new_values."expires_at", new_values."feedback_id", new_values."group_id", new_values."id", new_values."language", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."score", new_values."segment_id", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."about_id" IS DISTINCT FROM (new_values."about_id") OR old_values."answered_at" IS DISTINCT FROM (new_values."answered_at") OR old_values."asked_at" IS DISTINCT FROM (new_values."asked_at") OR old_values."asked_by_id" IS DISTINCT FROM (new_values."asked_by_id") OR old_values."comment" IS DISTINCT FROM (new_values."comment") OR old_values."contact_id" IS DISTINCT FROM (new_values."contact_id") OR old_values."customer_id" IS DISTINCT FROM (new_values."customer_id") OR old_values."error" IS DISTINCT FROM (new_values."error") OR old_values."expires_at" IS DISTINCT FROM (new_values."expires_at") OR old_values."feedback_id" IS DISTINCT FROM (new_values."feedback_id") OR old_values."group_id" IS DISTINCT FROM (new_values."group_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."language" IS DISTINCT FROM (new_values."language") OR old_values."score" IS DISTINCT FROM (new_values."score") OR old_values."segment_id" IS DISTINCT FROM (new_values."segment_id") OR old_values."state" IS DISTINCT FROM (new_values."state")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="064ad9fc4d0dd37327dd8c1cba5c129c4ec70324",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_7bf45",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="activities_npsquestion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="npsquestion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_npsquestionevent" ("about_id", "answered_at", "asked_at", "asked_by_id", "comment", "contact_id", "customer_id", "error", "expires_at", "feedback_id", "group_id", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "segment_id", "state") SELECT old_values."about_id", old_values."answered_at", old_values."asked_at", old_values."asked_by_id", old_values."comment", old_values."contact_id", old_values."customer_id", old_values."error", old_values."expires_at", old_values."feedback_id", old_values."group_id", old_values."id", old_values."language", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."score", old_values."segment_id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="be6bf5ad3f7ee674a44ef85c40c670e59c5c7197",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_32251",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="activities_npsquestion",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
