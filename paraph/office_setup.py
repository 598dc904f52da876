"""Conversion of Office documents as the settings ask for it, and what to tell an operator about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.documents import INSTALL_OFFICE, OfficeConverter, Rejected, missing_programs, try_conversion

if TYPE_CHECKING:
    from paraph.kit.settings import Settings

ALLOW_SANDBOX = (
    "let bubblewrap make user namespaces: on the host, sysctl kernel.apparmor_restrict_unprivileged_userns=0 or an "
    "AppArmor profile for bwrap; in a container, a seccomp profile that allows them. Or set PARAPH_OFFICE=off"
)


def office_converter(settings: Settings) -> OfficeConverter:
    """Return the converter of this machine; without the programs, or switched off, it refuses every file."""
    return OfficeConverter(None) if settings.office == "off" else OfficeConverter.found()


async def office_state(settings: Settings) -> tuple[bool, str, str]:
    """Whether conversion works here, tried with a document; the state in words; and how to mend it, or empty."""
    if settings.office == "off":
        return False, "Office files are refused: PARAPH_OFFICE is off", ""
    if missing := missing_programs():
        return False, f"Office files are refused: {' and '.join(missing)} not found", INSTALL_OFFICE
    try:
        seconds = await try_conversion(office_converter(settings))
    except Rejected as refused:
        if refused.reason == "office_not_available":
            return False, f"Office files are refused: no sandbox here ({refused.detail})", ALLOW_SANDBOX
        return False, f"a test document was not converted ({refused.reason}: {refused.detail})", INSTALL_OFFICE
    return True, f"LibreOffice works in its sandbox; a test document took {seconds:.1f} s", ""
