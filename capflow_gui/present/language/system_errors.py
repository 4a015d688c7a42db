"""What operating systems say of the errors that are met often, as C's strerror writes it; what is not here stays."""

from __future__ import annotations

from capflow_gui.present.language.texts import N_

SYSTEM_ERRORS = (
    # Files
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("No such file or directory"),
    N_("File exists"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("Directory not empty"),
    N_("File name too long"),
    N_("File too large"),
    N_("Read-only file system"),
    N_("No space left on device"),
    N_("Disk quota exceeded"),
    N_("Input/output error"),
    N_("Too many open files"),
    N_("Too many levels of symbolic links"),
    N_("Device or resource busy"),
    N_("Resource temporarily unavailable"),
    N_("Cannot allocate memory"),
    N_("the disk is full"),
    N_("your quota on this disk is used up"),
    N_("it is a pipe or a device"),
    # Networks
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Connection timed out"),
    N_("Broken pipe"),
    N_("Network is unreachable"),
    N_("Network is down"),
    N_("No route to host"),
    N_("Host is down"),
    N_("Address already in use"),
    N_("Cannot assign requested address"),
    N_("Name or service not known"),
    N_("Temporary failure in name resolution"),
    N_("No address associated with hostname"),
)
