"""What things cost and how good they are: one command each, nothing of it is shipped."""
