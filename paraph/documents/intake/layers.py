"""Layers stay as the file shows them first, and can no longer be switched."""

import pikepdf
from pikepdf import Array, Dictionary

from paraph.documents.intake.facts import Facts


def freeze_layers(pdf: pikepdf.Pdf, facts: Facts) -> None:
    """Lock every layer in its default state: no list to switch them, no events, no other configurations."""
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, pikepdf.Dictionary):
        if properties is not None:
            del pdf.Root["/OCProperties"]
        return
    default = properties.get("/D")
    if not isinstance(default, pikepdf.Dictionary):
        default = Dictionary()
    for key in ("/AS", "/Order", "/RBGroups", "/ListMode", "/Intent"):
        if key in default:
            del default[key]
    groups = properties.get("/OCGs")
    default["/Order"] = Array([])
    default["/Locked"] = groups if isinstance(groups, pikepdf.Array) else Array([])
    properties["/D"] = default
    if "/Configs" in properties:
        del properties["/Configs"]
    facts.warn("layers_frozen")
