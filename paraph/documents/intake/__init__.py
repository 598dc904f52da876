"""From an upload to a sanitised PDF, or a named rejection. Drawing shares one part, so each is imported by itself.

What a normalised file promises, and the rest of this room relies on: one revision, not encrypted; no
script, action but web links and jumps, attachment, form, or switchable layer; every page has its own
upright MediaBox and CropBox, a rotation of 0, 90, 180 or 270 and no user unit; every content stream
decodes, is closed and leaves the graphics state as it found it; and the sanitiser, the renderer and the
sealer all read it alike.
"""
