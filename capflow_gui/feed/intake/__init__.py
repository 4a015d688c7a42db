"""How the replies of a source come: asked for in its quota, or pushed by a collector that asks."""
