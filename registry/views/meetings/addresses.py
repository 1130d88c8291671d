"""The addresses of meetings, agenda items and seats."""

from django.urls import path

from registry.views import lists
from registry.views.meetings import items, pages

urlpatterns = [
    path("meetings/", lists.page, {"name": "meetings"}, name="meetings"),
    path("meetings/new/", pages.meeting_new, name="meeting-new"),
    path("meetings/<uuid:pk>/", pages.meeting, name="meeting"),
    path("meetings/<uuid:pk>/edit/", pages.meeting_edit, name="meeting-edit"),
    path("meetings/<uuid:pk>/items/add/", pages.meeting_item_add, name="meeting-item-add"),
    path("meetings/<uuid:pk>/invite/", pages.meeting_invite, name="meeting-invite"),
    path("meetings/<uuid:pk>/presence/", pages.meeting_presence, name="meeting-presence"),
    *(
        path(f"meetings/<uuid:pk>/{verb}/", pages.meeting_act, {"verb": verb}, name=f"meeting-{verb}")
        for verb in pages.VERBS
    ),
    path("agenda-items/<uuid:pk>/", items.agenda_item, name="agenda-item"),
    path("agenda-items/<uuid:pk>/record/", items.agenda_item_record, name="agenda-item-record"),
    path("agenda-items/<uuid:pk>/up/", items.agenda_item_move, {"direction": "up"}, name="agenda-item-up"),
    path("agenda-items/<uuid:pk>/down/", items.agenda_item_move, {"direction": "down"}, name="agenda-item-down"),
    path("agenda-items/<uuid:pk>/remove/", items.agenda_item_remove, name="agenda-item-remove"),
    path("attendances/<uuid:pk>/remove/", items.attendance_remove, name="attendance-remove"),
]
