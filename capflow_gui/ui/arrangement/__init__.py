"""Named layouts of the desk: chosen, kept, managed, and followed by its screens."""
