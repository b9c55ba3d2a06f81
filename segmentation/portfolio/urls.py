from django.urls import URLPattern, path

from segmentation.portfolio.views import decisions, flow, segments, value

app_name = "portfolio"
urlpatterns: list[URLPattern] = [
    path("segments/", flow.SegmentsView.as_view(), name="segments"),
    path("segments/customers/", flow.FlowCustomersView.as_view(), name="customers"),
    path("segments/memberships/", flow.MembershipListView.as_view(), name="memberships"),
    path("segments/<int:pk>/", segments.SegmentView.as_view(), name="segment"),
    path("portfolio/", value.MatrixView.as_view(), name="matrix"),
    path("portfolio/customers/", value.MatrixCustomersView.as_view(), name="matrix_customers"),
    path("portfolio/concentration/", value.ConcentrationView.as_view(), name="concentration"),
    path("portfolio/ordered/", value.ValuedCustomersView.as_view(), name="ordered"),
    path("portfolio/unprofitable/", decisions.UnprofitableView.as_view(), name="unprofitable"),
    path("customers/<int:pk>/profitability/", decisions.DecisionView.as_view(), name="decision"),
    path("customers/<int:pk>/profitability/decide/", decisions.DecideView.as_view(), name="decide"),
]
