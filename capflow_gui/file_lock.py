"""A lock on an open file that ends with the process that holds it, whatever is in the file."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import msvcrt
    import os

    _LOCK_BYTE = 1 << 30  # Windows locks are mandatory: lock a byte nobody reads

    def try_lock(handle: int) -> bool:
        """Take the lock without waiting; False where another process holds it. Raises OSError."""
        os.lseek(handle, _LOCK_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True

    def unlock(handle: int) -> None:
        """Give the lock back. Raises OSError."""
        os.lseek(handle, _LOCK_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_lock(handle: int) -> bool:
        """Take the lock without waiting; False where another process holds it. Raises OSError."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(handle: int) -> None:
        """Give the lock back. Raises OSError."""
        fcntl.flock(handle, fcntl.LOCK_UN)
