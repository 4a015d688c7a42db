"""The rules: their table, and the dialog that edits one."""
