"""What a decision rests on: the stages that a policy asks for, what changed, and the panels beside the decision."""
