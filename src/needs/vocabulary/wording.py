"""Words of a label inside a sentence."""

from __future__ import annotations

__all__ = ["inside"]


def inside(label: str) -> str:
    """Return a label as it stands inside a sentence: its first letter small, names as they are.

    Examples
    --------
    >>> inside("Profile C, against Profile A"), inside("IFA placements")
    ('profile C, against Profile A', 'IFA placements')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
