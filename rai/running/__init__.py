"""What workers do for predictions and checks; every state of a run changes here."""
