"""What happens by the calendar: tasks are reminded of and handed up, duties and delegations that end are told of."""
