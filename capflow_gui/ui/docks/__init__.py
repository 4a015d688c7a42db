"""How the parts of the main window lie, and views at its sides."""
