"""Names of resources that no one else on the page uses."""

import pikepdf


def free_name(objects: pikepdf.Object, wanted: str) -> str:
    """The wanted name, or that name with a number behind it."""
    name, count = wanted, 0
    while name in objects:
        count += 1
        name = f"{wanted}_{count}"
    return name
