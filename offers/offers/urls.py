from django.urls import URLPattern, path

from offers.offers.inline import OfferInlineView
from offers.offers.views import actions, offers, sending, settings, start, undo

OFFER = "offers/<int:pk>/"


def _list(name: str) -> list[URLPattern]:
    """Return the URLs of a list of the settings: ``offers:setting_add`` and others, with the list's name at the end."""
    base, given = f"offers/settings/{name}", {"list": name}
    return [
        path(f"{base}/new/", settings.SettingAddView.as_view(), given, name=f"setting_add_{name}"),
        path(f"{base}/<int:pk>/", settings.SettingChangeView.as_view(), given, name=f"setting_change_{name}"),
        path(f"{base}/<int:pk>/retire/", settings.SettingRetireView.as_view(), given, name=f"setting_retire_{name}"),
        path(f"{base}/<int:pk>/history/", settings.SettingHistoryView.as_view(), given, name=f"setting_history_{name}"),
    ]


app_name = "offers"
urlpatterns: list[URLPattern] = [
    path("start/offers/", start.OffersPanel.as_view(), name="start_offers"),
    path("start/approvals/", start.ApprovalsPanel.as_view(), name="start_approvals"),
    path("offers/", offers.OfferListView.as_view(), name="list"),
    path("offers/new/", offers.OfferCreateView.as_view(), name="create"),
    path("offers/new/contact/", offers.ContactFieldView.as_view(), name="contact_field"),
    path("offers/new/texts/", offers.TextsView.as_view(), name="texts"),
    path("offers/approvals/", actions.QueueView.as_view(), name="approval_queue"),
    path(f"{OFFER}approvals/", actions.ApprovalsPanel.as_view(), name="approvals"),
    path(f"{OFFER}approvals/ask/", actions.AskView.as_view(), name="approval_ask"),
    path(f"{OFFER}approvals/<int:approval>/approve/", actions.ApproveView.as_view(), name="approve"),
    path(f"{OFFER}approvals/<int:approval>/send-back/", actions.SendBackView.as_view(), name="send_back"),
    path(OFFER, offers.OverviewView.as_view(), name="detail"),
    path(f"{OFFER}activities/", offers.ActivitiesView.as_view(), name="activities"),
    path(f"{OFFER}activities/add/", actions.NextStepAddView.as_view(), name="next_step_add"),
    path(f"{OFFER}activities/link/", actions.LinkView.as_view(), name="activity_link"),
    path(f"{OFFER}activities/<int:activity>/unlink/", actions.UnlinkView.as_view(), name="activity_unlink"),
    path("activities/<int:pk>/offers/", actions.ActivityOffersPanel.as_view(), name="activity_offers"),
    path(f"{OFFER}documents/", offers.DocumentsView.as_view(), name="documents"),
    path(f"{OFFER}documents/add/", offers.OfferDocumentAddView.as_view(), name="documents_add"),
    path(
        f"{OFFER}documents/<int:document>/remove/",
        offers.OfferDocumentRemoveView.as_view(),
        name="documents_remove",
    ),
    path(f"{OFFER}history/", offers.HistoryView.as_view(), name="history"),
    path(f"{OFFER}inline/<slug:field>/", OfferInlineView.as_view(), name="inline"),
    path(f"{OFFER}edit/", offers.OfferChangeView.as_view(), name="edit"),
    path(f"{OFFER}copy/", offers.OfferCopyView.as_view(), name="copy"),
    path(f"{OFFER}lose/", actions.LoseView.as_view(), name="lose"),
    path(f"{OFFER}undo/", undo.StepUndoView.as_view(), name="step_undo"),
    path(f"{OFFER}reopen/", actions.ReopenView.as_view(), name="reopen"),
    path("offers/<int:pk>/versions/", sending.VersionsPanel.as_view(), name="versions"),
    path("offers/<int:pk>/preview/", sending.PreviewView.as_view(), name="preview"),
    path("offers/<int:pk>/send/", sending.SendView.as_view(), name="send"),
    path("offers/<int:pk>/mark-sent/", sending.MarkSentView.as_view(), name="mark_sent"),
    path("offers/versions/<int:pk>/pdf/", sending.VersionPdfView.as_view(), name="version_pdf"),
    path("offers/links/<int:pk>/revoke/", sending.RevokeView.as_view(), name="link_revoke"),
    path("offer/<str:secret>/", sending.PublicView.as_view(), name="public"),
    path("offer/<str:secret>/pdf/", sending.PublicPdfView.as_view(), name="public_pdf"),
    path("offers/settings/", settings.SettingsView.as_view(), name="settings"),
    path("offers/settings/seller/", settings.SellerEditView.as_view(), name="seller"),
    path("offers/settings/seller/history/", settings.SellerHistoryView.as_view(), name="seller_history"),
    path("offers/settings/seller/logo/", settings.SellerLogoView.as_view(), name="seller_logo"),
    path("offers/settings/seller/logo/remove/", settings.SellerLogoRemoveView.as_view(), name="seller_logo_remove"),
    *(pattern for name in settings.LISTS for pattern in _list(name)),
]
