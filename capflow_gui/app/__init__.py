"""The composition root of the window: application, event loop, wiring, ordered shutdown. Nothing else imports qasync.

`request` loads no Qt; `run` loads all of it.
"""
