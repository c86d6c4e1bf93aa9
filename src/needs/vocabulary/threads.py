"""How many threads multiply matrices."""

from __future__ import annotations

from threadpoolctl import threadpool_limits

__all__ = ["one_thread"]


def one_thread() -> threadpool_limits:
    """Return a context in which matrices are multiplied by one thread.

    The matrices are small: threads that wait for one another cost more than they bring, and how
    many there are would change the last digits of sums.
    """
    return threadpool_limits(limits=1, user_api="blas")
