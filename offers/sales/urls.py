from django.urls import URLPattern, path

from offers.sales.views import pipeline, reports, start, targets

app_name = "sales"
urlpatterns: list[URLPattern] = [
    path("pipeline/", pipeline.BoardView.as_view(), name="pipeline"),
    path("pipeline/table/", pipeline.PipelineTableView.as_view(), name="pipeline_table"),
    path("pipeline/forecast/", pipeline.ForecastView.as_view(), name="pipeline_forecast"),
    path("pipeline/offers/<int:pk>/move/", pipeline.OfferMoveView.as_view(), name="pipeline_move_offer"),
    path("pipeline/leads/<int:pk>/move/", pipeline.LeadMoveView.as_view(), name="pipeline_move_lead"),
    path("offers/reports/", reports.ReportsView.as_view(), name="reports"),
    path("offers/reports/<str:name>/", reports.ReportView.as_view(), name="report"),
    path("start/key-customers/", start.KeyCustomersPanel.as_view(), name="start_key_customers"),
    path("start/pipeline/", start.PipelinePanel.as_view(), name="start_pipeline"),
    path("start/targets/", start.TargetsByPersonPanel.as_view(), name="start_targets"),
    path("targets/", targets.TargetsView.as_view(), name="targets"),
    path("targets/own/", targets.OwnTargetsPanel.as_view(), name="own_targets"),
    path("targets/people/<int:pk>/", targets.PersonTargetView.as_view(), name="person_target"),
    path("targets/teams/<int:pk>/", targets.TeamTargetView.as_view(), name="team_target"),
    path("targets/teams/<int:pk>/panel/", targets.TeamTargetsPanel.as_view(), name="team_targets"),
]
