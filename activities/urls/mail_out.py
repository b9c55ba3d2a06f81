from django.urls import URLPattern, path

from activities.views import compose, mail_settings, mail_templates, message, message_edit

urlpatterns: list[URLPattern] = [
    path("mail/compose/", compose.ComposeView.as_view(), name="compose"),
    path(
        "mail/compose/contacts/",
        compose.BulkComposeView.as_view(parameter="contact", list_url_name="customers:contacts"),
        name="compose_contacts",
    ),
    path(
        "mail/compose/customers/",
        compose.BulkComposeView.as_view(parameter="customers", list_url_name="customers:list"),
        name="compose_customers",
    ),
    path("mail/recipients/", compose.RecipientOptionsView.as_view(), name="email_recipients"),
    path("mail/settings/", mail_settings.MailSettingsView.as_view(), name="mail_settings"),
    path("mail/templates/", mail_templates.TemplatesView.as_view(), name="email_templates"),
    path("mail/templates/new/", mail_templates.TemplateAddView.as_view(), name="email_template_add"),
    path("mail/templates/<int:pk>/", mail_templates.TemplatePreviewView.as_view(), name="email_template"),
    path("mail/templates/<int:pk>/change/", mail_templates.TemplateChangeView.as_view(), name="email_template_change"),
    path("mail/templates/<int:pk>/retire/", mail_templates.TemplateRetireView.as_view(), name="email_template_retire"),
    path("activities/<int:pk>/message/", message.MessagePanel.as_view(), name="message"),
    path("activities/<int:pk>/message/edit/", message_edit.MessageEditView.as_view(), name="message_edit"),
    path("activities/<int:pk>/message/retry/", message.RetryView.as_view(), name="message_retry"),
]
