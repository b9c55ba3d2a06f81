from django.urls import path

from customers.selections.views import actions, builder, conditions, lists

app_name = "selections"
urlpatterns = [
    path("selections/", lists.SelectionListView.as_view(), name="list"),
    path("selections/new/", builder.SelectionCreateView.as_view(), name="create"),
    path("selections/conditions/", conditions.ListConditionsView.as_view(), name="conditions"),
    path("selections/save/", actions.SaveFiltersView.as_view(), name="save"),
    path("selections/<int:pk>/", lists.SelectionView.as_view(), name="detail"),
    path("selections/<int:pk>/edit/", builder.SelectionEditView.as_view(), name="edit"),
    path("selections/<int:pk>/copy/", actions.CopyView.as_view(), name="copy"),
    path("selections/<int:pk>/freeze/", actions.FreezeView.as_view(), name="freeze"),
    path("selections/<int:pk>/combine/", actions.CombineView.as_view(), name="combine"),
    path("selections/<int:pk>/compare/", actions.CompareView.as_view(), name="compare"),
    path("selections/<int:pk>/undo/", actions.UndoView.as_view(), name="undo"),
    path("selections/<int:pk>/delete/", actions.DeleteView.as_view(), name="delete"),
    path("selections/<int:pk>/restore/", actions.RestoreView.as_view(), name="restore"),
    path("selections/<int:pk>/favourite/", actions.FavouriteView.as_view(), name="favourite"),
    path("selections/<int:pk>/history/", lists.SelectionHistoryView.as_view(), name="history"),
]
