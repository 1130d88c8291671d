"""Meetings of a board: the list, what of a review is shown beside an agenda item, and the minutes as they are fixed."""
