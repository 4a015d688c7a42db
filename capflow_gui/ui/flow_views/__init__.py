"""How a window looks at flow: its choices, the money in and out, charts that go together."""
