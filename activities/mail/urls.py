from django.urls import URLPattern, path

from activities.mail.views import inbox, mailboxes, messages, start, templates

app_name = "mail"
urlpatterns: list[URLPattern] = [
    path("mail/compose/", messages.ComposeView.as_view(), name="compose"),
    path("mail/recipients/", messages.RecipientOptionsView.as_view(), name="recipients"),
    path("mail/settings/", templates.MailSettingsView.as_view(), name="settings"),
    path("mail/templates/", templates.TemplatesView.as_view(), name="templates"),
    path("mail/templates/new/", templates.TemplateAddView.as_view(), name="template_add"),
    path("mail/templates/<int:pk>/", templates.TemplatePreviewView.as_view(), name="template"),
    path("mail/templates/<int:pk>/change/", templates.TemplateChangeView.as_view(), name="template_change"),
    path("mail/templates/<int:pk>/retire/", templates.TemplateRetireView.as_view(), name="template_retire"),
    path("activities/<int:pk>/message/", messages.MessagePanel.as_view(), name="message"),
    path("activities/<int:pk>/message/edit/", messages.MessageEditView.as_view(), name="message_edit"),
    path("activities/<int:pk>/message/retry/", messages.RetryView.as_view(), name="message_retry"),
    path("start/inbox/", start.InboxPanel.as_view(), name="start_inbox"),
    path("mail/inbox/", inbox.InboxView.as_view(), name="inbox"),
    path("mail/inbox/<int:pk>/", inbox.MessageView.as_view(), name="inbox_message"),
    path("mail/inbox/<int:pk>/file/", inbox.FileView.as_view(), name="inbox_file"),
    path("mail/inbox/<int:pk>/ignore/", inbox.IgnoreView.as_view(), name="inbox_ignore"),
    path("mail/inbox/<int:pk>/restore/", inbox.RestoreView.as_view(), name="inbox_restore"),
    path("mail/messages/<int:pk>/raw/", inbox.RawView.as_view(), name="message_raw"),
    path("mail/capture/", inbox.CaptureView.as_view(), name="capture"),
    path("mail/mailboxes/", mailboxes.MailboxesView.as_view(), name="mailboxes"),
    path("mail/mailboxes/new/", mailboxes.MailboxAddView.as_view(), name="mailbox_add"),
    path("mail/mailboxes/<int:pk>/", mailboxes.MailboxChangeView.as_view(), name="mailbox_change"),
    path("mail/mailboxes/<int:pk>/test/", mailboxes.MailboxTestView.as_view(), name="mailbox_test"),
    path("mail/mailboxes/<int:pk>/pause/", mailboxes.MailboxPauseView.as_view(), name="mailbox_pause"),
    path("mail/mailboxes/<int:pk>/remove/", mailboxes.MailboxRemoveView.as_view(), name="mailbox_remove"),
    path("mail/drop/", mailboxes.DropView.as_view(), name="drop_address"),
    path("mail/rules/", mailboxes.RulesView.as_view(), name="ignore_rules"),
    path("mail/rules/new/", mailboxes.RuleAddView.as_view(), name="ignore_rule_add"),
    path("mail/rules/<int:pk>/remove/", mailboxes.RuleRemoveView.as_view(), name="ignore_rule_remove"),
]
