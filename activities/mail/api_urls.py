from rest_framework.routers import SimpleRouter

from activities.mail.api.inbox import CaptureViewSet, InboxViewSet, MailboxViewSet, RuleViewSet
from activities.mail.api.messages import EmailTemplateViewSet, EmailViewSet

router = SimpleRouter()
router.register("emails/capture", CaptureViewSet, basename="api-email-capture")
router.register("email-inbox", InboxViewSet, basename="api-email-inbox")
router.register("mailboxes", MailboxViewSet, basename="api-mailbox")
router.register("email-ignore-rules", RuleViewSet, basename="api-email-ignore-rule")
router.register("emails", EmailViewSet, basename="api-email")
router.register("email-templates", EmailTemplateViewSet, basename="api-email-template")

urlpatterns = router.urls
