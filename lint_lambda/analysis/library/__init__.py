"""What library models mean: a module for each verb, and the table that finds it."""
