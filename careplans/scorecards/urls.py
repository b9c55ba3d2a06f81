from django.urls import URLPattern, path

from careplans.scorecards.views import cards, steps, strategies

CARD, LINE = "scorecards/<int:pk>/", "scorecards/goals/<int:pk>/"
VERSION = "customer-strategy/versions/<int:pk>/"

app_name = "scorecards"
urlpatterns: list[URLPattern] = [
    path("scorecards/", cards.ScorecardListView.as_view(), name="list"),
    path("scorecards/new/", cards.CardAddView.as_view(), name="add"),
    path(CARD, cards.CardView.as_view(), name="detail"),
    path(f"{CARD}edit/", cards.CardEditView.as_view(), name="edit"),
    path(f"{CARD}delete/", cards.CardDeleteView.as_view(), name="delete"),
    path(f"{CARD}next/", cards.CardNextView.as_view(), name="next"),
    path(f"{CARD}history/", cards.CardHistoryView.as_view(), name="history"),
    path(f"{CARD}pdf/", cards.CardPdfView.as_view(), name="pdf"),
    path(f"{CARD}values/", cards.ValuesView.as_view(), name="values"),
    path(f"{CARD}goals/new/", cards.LineAddView.as_view(), name="line_add"),
    path(f"{LINE}edit/", cards.LineEditView.as_view(), name="line_edit"),
    path(f"{LINE}delete/", cards.LineDeleteView.as_view(), name="line_delete"),
    path(f"{CARD}send/", steps.SendView.as_view(), name="send"),
    path(f"{CARD}return/", steps.ReturnView.as_view(), name="return"),
    path(f"{CARD}approve/", steps.ApproveView.as_view(), name="approve"),
    path(f"{CARD}reopen/", steps.ReopenView.as_view(), name="reopen"),
    path("customers/<int:pk>/care-plan/scorecards/", cards.CustomerPanel.as_view(), name="customer"),
    path("customer-strategy/", strategies.StrategyView.as_view(), name="strategy"),
    path("customer-strategy/new/", strategies.StrategyAddView.as_view(), name="strategy_add"),
    path(VERSION, strategies.VersionView.as_view(), name="strategy_version"),
    path(f"{VERSION}edit/", strategies.StrategyEditView.as_view(), name="strategy_edit"),
    path(f"{VERSION}delete/", strategies.StrategyDeleteView.as_view(), name="strategy_delete"),
    path(f"{VERSION}history/", strategies.StrategyHistoryView.as_view(), name="strategy_history"),
    path(f"{VERSION}compare/", strategies.StrategyCompareView.as_view(), name="strategy_compare"),
    path(f"{VERSION}pdf/", strategies.StrategyPdfView.as_view(), name="strategy_pdf"),
    path(f"{VERSION}send/", strategies.StrategySendView.as_view(), name="strategy_send"),
    path(f"{VERSION}return/", strategies.StrategyReturnView.as_view(), name="strategy_return"),
    path(f"{VERSION}approve/", strategies.StrategyApproveView.as_view(), name="strategy_approve"),
]
