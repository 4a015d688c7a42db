"""Named layouts of the profile that is open."""
