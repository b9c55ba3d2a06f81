from django.urls import URLPattern, path

from customers.inline import ContactInlineView, CustomerInlineView
from customers.views import (
    changes,
    classes,
    classification,
    contact_tabs,
    contacts,
    customers,
    responsibilities,
    start,
    tabs,
)

app_name = "customers"
CLASSIFICATION: list[URLPattern] = [
    path("classifications/", classification.ClassificationView.as_view(), name="classification"),
    path("classifications/branches/new/", classification.BranchAddView.as_view(), name="branch_add"),
    path("classifications/branches/<int:pk>/edit/", classification.BranchEditView.as_view(), name="branch_edit"),
    path("classifications/branches/<int:pk>/delete/", classification.BranchDeleteView.as_view(), name="branch_delete"),
    path(
        "classifications/branches/<int:pk>/history/", classification.BranchHistoryView.as_view(), name="branch_history"
    ),
    path("classifications/branches/<int:pk>/new/", classification.NodeAddView.as_view(), name="node_add"),
    path("classifications/<int:pk>/edit/", classification.NodeEditView.as_view(), name="node_edit"),
    path("classifications/<int:pk>/move/", classification.NodeMoveView.as_view(), name="node_move"),
    path("classifications/<int:pk>/shift/", classification.NodeShiftView.as_view(), name="node_shift"),
    path("classifications/<int:pk>/merge/", classification.NodeMergeView.as_view(), name="node_merge"),
    path("classifications/<int:pk>/retire/", classification.NodeRetireView.as_view(), name="node_retire"),
    path("classifications/<int:pk>/restore/", classification.NodeRestoreView.as_view(), name="node_restore"),
    path("classifications/<int:pk>/delete/", classification.NodeDeleteView.as_view(), name="node_delete"),
]

CUSTOMERS: list[URLPattern] = [
    path("start/waiting/", start.WaitingPanel.as_view(), name="start_waiting"),
    path("start/faults/", start.FaultsPanel.as_view(), name="start_faults"),
    path("customers/", customers.CustomerListView.as_view(), name="list"),
    path("customers/new/", changes.CustomerCreateView.as_view(), name="create"),
    path("customers/new/candidates/", changes.CandidatesView.as_view(), name="candidates"),
    path("customers/options/", customers.CustomerOptionsView.as_view(), name="options"),
    path("customers/hand-over/<int:pk>/", responsibilities.HandOverView.as_view(), name="hand_over"),
    path("customers/<int:pk>/", tabs.OverviewView.as_view(), name="detail"),
    path("customers/<int:pk>/details/", tabs.DetailsView.as_view(), name="details"),
    path("customers/<int:pk>/documents/", tabs.DocumentsView.as_view(), name="documents"),
    path("customers/<int:pk>/history/", tabs.HistoryView.as_view(), name="history"),
    path("customers/<int:pk>/inline/<slug:field>/", CustomerInlineView.as_view(), name="inline"),
    path("customers/<int:pk>/edit/", changes.CustomerEditView.as_view(), name="edit"),
    path("customers/<int:pk>/passive/", changes.CustomerPassiveView.as_view(), name="set_passive"),
    path("customers/<int:pk>/active/", changes.CustomerActiveView.as_view(), name="set_active"),
    path("customers/<int:pk>/favourite/", changes.FavouriteView.as_view(), name="favourite"),
    path("customers/<int:pk>/addresses/", changes.AddressesView.as_view(), name="addresses"),
    path("customers/<int:pk>/numbers/", changes.NumbersView.as_view(), name="numbers"),
    path("customers/<int:pk>/owner/", responsibilities.OwnerView.as_view(), name="owner"),
    path(
        "customers/<int:pk>/responsible/add/",
        responsibilities.ResponsibilityAddView.as_view(),
        name="responsibility_add",
    ),
    path(
        "customers/<int:pk>/responsible/<int:responsibility>/end/",
        responsibilities.ResponsibilityEndView.as_view(),
        name="responsibility_end",
    ),
    path("customers/<int:pk>/documents/add/", tabs.CustomerDocumentAddView.as_view(), name="documents_add"),
    path(
        "customers/<int:pk>/documents/<int:document>/remove/",
        tabs.CustomerDocumentRemoveView.as_view(),
        name="documents_remove",
    ),
]

CONTACTS: list[URLPattern] = [
    path("contacts/", contacts.ContactListView.as_view(), name="contacts"),
    path("contacts/new/", contacts.ContactAddView.as_view(), name="contact_add"),
    path("contacts/options/", contacts.ContactOptionsView.as_view(), name="contact_options"),
    path("contacts/<int:pk>/", contact_tabs.ContactOverviewView.as_view(), name="contact"),
    path("contacts/<int:pk>/inline/<slug:field>/", ContactInlineView.as_view(), name="contact_inline"),
    path("contacts/<int:pk>/edit/", contacts.ContactEditView.as_view(), name="contact_edit"),
    path("contacts/<int:pk>/history/", contact_tabs.ContactHistoryView.as_view(), name="contact_history"),
    path("contacts/<int:pk>/consents/new/", contacts.ConsentAddView.as_view(), name="consent_add"),
    path("contacts/<int:pk>/positions/new/", contacts.PositionAddView.as_view(), name="position_add"),
    path("contacts/<int:pk>/positions/<int:position>/", contacts.PositionEditView.as_view(), name="position_edit"),
    path("contacts/<int:pk>/positions/<int:position>/end/", contacts.PositionEndView.as_view(), name="position_end"),
    path("contacts/<int:pk>/classifications/", classes.ContactClassesView.as_view(), name="contact_classes"),
    path(
        "contacts/<int:pk>/classifications/edit/",
        classes.ContactClassesEditView.as_view(),
        name="contact_classes_edit",
    ),
    path("contacts/<int:pk>/documents/", contact_tabs.ContactDocumentsView.as_view(), name="contact_documents"),
    path("contacts/<int:pk>/documents/add/", contacts.ContactDocumentAddView.as_view(), name="contact_documents_add"),
    path(
        "contacts/<int:pk>/documents/<int:document>/remove/",
        contacts.ContactDocumentRemoveView.as_view(),
        name="contact_documents_remove",
    ),
    path("customers/<int:pk>/contacts/", contact_tabs.CustomerContactsView.as_view(), name="contacts_tab"),
    path("customers/<int:pk>/contacts/new/", contacts.CustomerContactAddView.as_view(), name="customer_contact_add"),
    path("customers/<int:pk>/decisions/", contact_tabs.DecisionsPanel.as_view(), name="decisions"),
    path("customers/<int:pk>/classifications/", classes.CustomerClassesView.as_view(), name="classes"),
    path("customers/<int:pk>/classifications/edit/", classes.CustomerClassesEditView.as_view(), name="classes_edit"),
]

urlpatterns: list[URLPattern] = [*CUSTOMERS, *CLASSIFICATION, *CONTACTS]
