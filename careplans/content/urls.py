from django.urls import URLPattern, path

from careplans.content.views import charges, links, needs, tab, templates, versions

CUSTOMER = "customers/<int:pk>/care-plan/content/"
ROW, LINK = "care-plan-rows/<slug:plan_rows>/<int:pk>/", "care-plan-links/<int:pk>/"
NEED, TEMPLATE = "needs/<int:pk>/", "care-plan-templates/<int:pk>/"

app_name = "carecontent"
urlpatterns: list[URLPattern] = [
    path(CUSTOMER, tab.ContentTab.as_view(), name="tab"),
    path(f"{CUSTOMER}edit/", tab.ContentEditView.as_view(), name="edit"),
    path(f"{CUSTOMER}texts/<slug:plan_block>/", tab.BlockEditView.as_view(), name="block"),
    path(f"{CUSTOMER}rows/<slug:plan_rows>/new/", tab.RowAddView.as_view(), name="row_add"),
    path(f"{CUSTOMER}needs/new/", needs.NeedAddView.as_view(), name="need_add"),
    path(f"{CUSTOMER}links/new/", links.LinkMakeView.as_view(), name="link_make"),
    path(f"{CUSTOMER}links/send/", links.LinkSendView.as_view(), name="link_send"),
    path(f"{CUSTOMER}undo/", tab.UndoView.as_view(), name="undo"),
    path(f"{CUSTOMER}history/", tab.ContentHistoryView.as_view(), name="history"),
    path(f"{CUSTOMER}versions/", versions.VersionsView.as_view(), name="versions"),
    path(f"{CUSTOMER}versions/keep/", versions.VersionKeepView.as_view(), name="version_keep"),
    path(f"{CUSTOMER}pdf/", tab.PlanPdfView.as_view(), name="pdf"),
    path(f"{ROW}edit/", tab.RowEditView.as_view(), name="row_edit"),
    path(f"{ROW}delete/", tab.RowDeleteView.as_view(), name="row_delete"),
    path(f"{LINK}revoke/", links.LinkRevokeView.as_view(), name="link_revoke"),
    path("plan/<str:secret>/", links.PublicView.as_view(), name="public"),
    path("plan/<str:secret>/pdf/", links.PublicPdfView.as_view(), name="public_pdf"),
    path("charges/", charges.ChargeListView.as_view(), name="charges"),
    path("needs/", needs.NeedListView.as_view(), name="needs"),
    path(NEED, needs.NeedView.as_view(), name="need"),
    path(f"{NEED}edit/", needs.NeedEditView.as_view(), name="need_edit"),
    path(f"{NEED}customers/new/", needs.NeedShareView.as_view(), name="need_share"),
    path("needs/customers/<int:pk>/remove/", needs.NeedUnshareView.as_view(), name="need_unshare"),
    path(f"{NEED}decline/", needs.NeedDeclineView.as_view(), name="need_decline"),
    path(f"{NEED}reopen/", needs.NeedReopenView.as_view(), name="need_reopen"),
    path(f"{NEED}join/", needs.NeedJoinView.as_view(), name="need_join"),
    path(f"{NEED}lead/", needs.NeedLeadView.as_view(), name="need_lead"),
    path(f"{NEED}offer/", needs.NeedOfferView.as_view(), name="need_offer"),
    path(f"{NEED}history/", needs.NeedHistoryView.as_view(), name="need_history"),
    path("care-plan-templates/", templates.TemplateListView.as_view(), name="templates"),
    path("care-plan-templates/new/", templates.TemplateAddView.as_view(), name="template_add"),
    path(TEMPLATE, templates.TemplatePage.as_view(), name="template"),
    path(f"{TEMPLATE}edit/", templates.TemplateEditView.as_view(), name="template_edit"),
    path(f"{TEMPLATE}delete/", templates.TemplateDeleteView.as_view(), name="template_delete"),
    path(f"{TEMPLATE}history/", templates.TemplateHistoryView.as_view(), name="template_history"),
    path(f"{TEMPLATE}texts/new/", templates.PartAddView.as_view(), name="part_add"),
    path("care-plan-templates/parts/<int:pk>/", templates.PartEditView.as_view(), name="part_edit"),
]
