"""The project as it is deployed: which functions there are, from which files and folders each is made, and where it runs."""
