from django.urls import URLPattern, path

from offers.views import approvals, deciding, offer_activities, offer_documents, offer_lists, offers, writing

OFFER = "offers/<int:pk>/"

APPROVALS: list[URLPattern] = [
    path("offers/approvals/", approvals.QueueView.as_view(), name="approval_queue"),
    path(f"{OFFER}approvals/", approvals.ApprovalsPanel.as_view(), name="approvals"),
    path(f"{OFFER}approvals/ask/", approvals.AskView.as_view(), name="approval_ask"),
    path(f"{OFFER}approvals/<int:approval>/approve/", approvals.ApproveView.as_view(), name="approve"),
    path(f"{OFFER}approvals/<int:approval>/send-back/", approvals.SendBackView.as_view(), name="send_back"),
]
ACTIVITIES: list[URLPattern] = [
    path(f"{OFFER}activities/", offers.ActivitiesView.as_view(), name="activities"),
    path(f"{OFFER}activities/add/", offer_activities.NextStepAddView.as_view(), name="next_step_add"),
    path(f"{OFFER}activities/link/", offer_activities.LinkView.as_view(), name="activity_link"),
    path(f"{OFFER}activities/<int:activity>/unlink/", offer_activities.UnlinkView.as_view(), name="activity_unlink"),
    path("activities/<int:pk>/offers/", offer_activities.ActivityOffersPanel.as_view(), name="activity_offers"),
]

urlpatterns = [
    path("offers/", offer_lists.OfferListView.as_view(), name="list"),
    path("offers/new/", writing.OfferCreateView.as_view(), name="create"),
    path("offers/new/contact/", writing.ContactFieldView.as_view(), name="contact_field"),
    path("offers/new/texts/", writing.TextsView.as_view(), name="texts"),
    path("offers/owner/", deciding.BulkOwnerView.as_view(), name="bulk_owner"),
    *APPROVALS,
    path(OFFER, offers.OverviewView.as_view(), name="detail"),
    *ACTIVITIES,
    path(f"{OFFER}documents/", offers.DocumentsView.as_view(), name="documents"),
    path(f"{OFFER}documents/add/", offer_documents.OfferDocumentAddView.as_view(), name="documents_add"),
    path(
        f"{OFFER}documents/<int:document>/remove/",
        offer_documents.OfferDocumentRemoveView.as_view(),
        name="documents_remove",
    ),
    path(f"{OFFER}history/", offers.HistoryView.as_view(), name="history"),
    path(f"{OFFER}edit/", writing.OfferChangeView.as_view(), name="edit"),
    path(f"{OFFER}copy/", writing.OfferCopyView.as_view(), name="copy"),
    path(f"{OFFER}lose/", deciding.LoseView.as_view(), name="lose"),
    path(f"{OFFER}reopen/", deciding.ReopenView.as_view(), name="reopen"),
]
