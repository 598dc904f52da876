#!/usr/bin/env python3
"""Check an evidence bundle (format paraph-evidence-1) without the server that made it, and without a network.

    pip install pyhanko cryptography
    python verify_evidence.py [--root FILE]... [--certificate FILE]... [--timestamp-root FILE]... [BUNDLE]

BUNDLE is the zip, or the folder it was unpacked to; without it, the folder of this file. With --root, only these root
certificates (PEM) are believed for the seal, not those in the bundle, and with --certificate only seals made with
these: get them from the operator by another way when it matters who sealed. The root of a public authority vouches
for all its customers; the certificate is what tells them apart.

Exit code 0: everything holds; 1: something does not; 2: the bundle cannot be read.

One file on purpose, so that it can travel alone: that is why it is longer than others.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import argparse
import hashlib
import io
import json
import logging
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

try:
    from asn1crypto import pem, x509
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.diff_analysis import (
        CatalogModificationRule,
        DSSCompareRule,
        FormUpdatingRule,
        ModificationLevel,
        ObjectStreamRule,
        SigFieldCreationRule,
        SigFieldModificationRule,
        StandardDiffPolicy,
        XrefStreamRule,
    )
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature, validate_pdf_timestamp
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext
except ImportError as missing:
    print(f"A package is missing: {missing.name}. Install what is needed: pip install pyhanko cryptography")
    sys.exit(2)

FORMAT = "paraph-evidence-1"
MANIFEST, SEALED, CHAIN = "manifest.json", "sealed.pdf", "chain.json"
EMBEDDED_CHAIN, HEAD_PROPERTY, LEVEL_PROPERTY = "audit-chain.json", "/AuditChainHead", "/SealLevel"
LEVELS = ("PAdES-B-B", "PAdES-B-T", "PAdES-B-LT", "PAdES-B-LTA")
MAX_BYTES = 1 << 30
SAFE_PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?")
ENDING = re.compile(rb"\s*(trailer)?\s*(<<.*>>)?\s*startxref\s+\d+\s+%%EOF\n", re.DOTALL)
PADES = "/ETSI.CAdES.detached"
ADDED_LATER = "signature_time_stamp_token"


class Unreadable(Exception):
    """The bundle is none, or damaged beyond checking."""


class Report:
    """What was checked, printed as it goes."""

    def __init__(self) -> None:
        self.holds = True
        self.sealed_with: x509.Certificate | None = None

    def check(self, what: str, holds: bool, detail: str = "") -> bool:
        self.holds = self.holds and holds
        print(f"{'ok   ' if holds else 'WRONG'}  {what}" + (f": {detail}" if detail else ""))
        return holds


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Check an evidence bundle offline.")
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--root", action="append", type=Path, default=[], help="believe only this for the seal")
    parser.add_argument("--certificate", action="append", type=Path, default=[], help="believe only seals by it")
    parser.add_argument("--timestamp-root", action="append", type=Path, default=[], help="the same for timestamps")
    chosen = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    report = Report()
    try:
        files = read_bundle(chosen.bundle)
        manifest = check_files(files, report)
        seal_roots = certificates(files, "root-", chosen.root)
        time_roots = certificates(files, "timestamp-root-", chosen.timestamp_root)
        seal = check_seal(files, seal_roots, time_roots, report)
        check_who_sealed(certificates_at(chosen.certificate), report)
        check_chain(files, manifest, seal, report)
    except Unreadable as trouble:
        print(f"The bundle cannot be read: {trouble}")
        return 2
    for note in notes(report, root=bool(chosen.root), certificate=bool(chosen.certificate)):
        print(f"note   {note}")
    print("Everything holds." if report.holds else "Something does NOT hold; see the lines marked WRONG.")
    return 0 if report.holds else 1


def notes(report: Report, *, root: bool, certificate: bool) -> Iterator[str]:
    """What nobody but the reader can check; ``root`` and ``certificate``: one was given."""
    if not root:
        yield "the root certificate is the bundle's own; compare it with one that the operator gave you (--root)"
    if not certificate and report.sealed_with is not None:
        who = report.sealed_with.subject.human_friendly
        yield f"sealed by {who}, certificate SHA-256 {report.sealed_with.sha256.hex()}"
        yield "the root of a public authority vouches for all its customers; compare this as well (--certificate)"


# --- files ---


def read_bundle(place: Path) -> dict[str, bytes]:
    """Every file by its path. Raises Unreadable."""
    try:
        if place.is_dir():
            found = {one.relative_to(place).as_posix(): one for one in place.rglob("*") if one.is_file()}
            if sum(one.stat().st_size for one in found.values()) > MAX_BYTES:
                raise Unreadable("it is too large")
            return {path: one.read_bytes() for path, one in found.items() if "__pycache__" not in path}
        with zipfile.ZipFile(place) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            names = [entry.filename for entry in entries]
            if len(set(names)) != len(names) or not all(map(is_safe, names)):
                raise Unreadable("it holds a path that no bundle has")
            if sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise Unreadable("it is too large")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as trouble:
        raise Unreadable(str(trouble)) from trouble


def is_safe(path: str) -> bool:
    return SAFE_PATH.fullmatch(path) is not None and ".." not in path


def check_files(files: dict[str, bytes], report: Report) -> dict[str, Any]:
    """The manifest, after every file was held against it."""
    manifest = as_json(files, MANIFEST)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise Unreadable(f"{MANIFEST} names no files")
    if manifest.get("format") != FORMAT:
        raise Unreadable(f"its format is not {FORMAT}")
    wanted: dict[str, Any] = manifest["files"]
    missing, extra = set(wanted) - set(files), set(files) - set(wanted) - {MANIFEST}
    report.check("every file of the manifest is here", not missing, ", ".join(sorted(missing)))
    report.check("no other file is here", not extra, ", ".join(sorted(extra)))
    changed = [path for path in wanted if path in files and sha256(files[path]) != wanted[path]]
    report.check("no file was changed", not changed, ", ".join(changed))
    for path in (SEALED, CHAIN):
        if path not in files:
            raise Unreadable(f"there is no {path}")
    return manifest


def certificates(files: dict[str, bytes], prefix: str, given: list[Path]) -> list[x509.Certificate]:
    """Those given, else those in the bundle."""
    if given:
        return certificates_at(given)
    paths = sorted(path for path in files if path.startswith(f"certificates/{prefix}"))
    return [one for path in paths for one in certificates_in(files[path])]


def certificates_at(paths: list[Path]) -> list[x509.Certificate]:
    try:
        return [one for path in paths for one in certificates_in(path.read_bytes())]
    except OSError as trouble:
        raise Unreadable(f"a certificate cannot be read: {trouble}") from trouble


def certificates_in(data: bytes) -> list[x509.Certificate]:
    try:
        return [x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True)]
    except (ValueError, TypeError) as trouble:
        raise Unreadable(f"a certificate cannot be read: {trouble}") from trouble


def as_json(files: dict[str, bytes], path: str) -> Any:
    try:
        return json.loads(files[path])
    except (KeyError, ValueError, RecursionError) as trouble:
        raise Unreadable(f"{path} is missing or no JSON") from trouble


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- seal ---


def check_seal(
    files: dict[str, bytes], roots: list[x509.Certificate], time_roots: list[x509.Certificate], report: Report
) -> dict[str, Any]:
    """Check the seal; what the sealed file says of itself: its properties and the chain in it."""
    try:
        reader = PdfFileReader(io.BytesIO(files[SEALED]))
        seals, stamps = list(reader.embedded_regular_signatures), list(reader.embedded_timestamp_signatures)
        if not report.check("the sealed file has exactly one seal", len(seals) == 1, f"{len(seals)} found"):
            return {}
        level = examine_seal(seals[0], files, roots, time_roots, report)
        for stamp in stamps:
            archived = timestamp_holds(stamp, time_roots)
            report.check("the timestamp over the whole file is good", archived)
        report.check("nothing but proofs follows the seal", nothing_else_follows(reader, seals[0], stamps))
        said = claims_of(reader)
    except Exception as damage:  # a hostile file can make the library raise anything
        report.check("the sealed file can be read", False, type(damage).__name__)
        return {}
    reached = 0 if level == LEVELS[0] else 1 + ("/DSS" in reader.root) + ("/DSS" in reader.root and bool(stamps))
    stated = said.get(LEVEL_PROPERTY, LEVELS[reached])
    report.check("the level is the one that the file states", LEVELS[reached] == stated, LEVELS[reached])
    return said


def examine_seal(
    seal: EmbeddedPdfSignature,
    files: dict[str, bytes],
    roots: list[x509.Certificate],
    time_roots: list[x509.Certificate],
    report: Report,
) -> str:
    """Report on the signature itself; the level without what follows it."""
    tokens = tokens_in(seal)
    made = given_time(tokens[0]) if tokens else seal.self_reported_timestamp or datetime.now(UTC)
    status = validate_pdf_signature(
        seal, trust(roots, made), ts_validation_context=trust(time_roots, made), diff_policy=only_proofs()
    )
    named = [one.dump() for one in certificates_in(files.get("certificates/seal.pem", b""))]
    subject, report.sealed_with = status.signing_cert.subject.human_friendly, status.signing_cert
    report.check("the sealed bytes are unchanged", status.intact)
    report.check("the signature is valid", status.valid and status.md_algorithm not in ("md5", "sha1"))
    report.check("it was made with certificates/seal.pem", status.signing_cert.dump() in named, subject)
    report.check("that certificate leads to a trusted root", status.trusted, f"as of {made:%Y-%m-%d %H:%M:%S} UTC")
    certified = seal.docmdp_level == MDPPerm.NO_CHANGES and seal.sig_object.get("/SubFilter") == PADES
    report.check("it is a certification that forbids every change", certified and status.docmdp_ok is not False)
    report.check("its room holds nothing else", is_bare(seal.signed_data, status) and padded_with_zeros(seal))
    given = status.timestamp_validity
    if not tokens:
        return LEVELS[0]
    good = given is not None and len(tokens) == 1 and given.intact and given.valid and given.trusted
    who = f"{given.timestamp:%Y-%m-%d %H:%M:%S} UTC, {given.signing_cert.subject.human_friendly}" if given else ""
    report.check("its timestamp is good", good and is_bare(tokens[0], given), who)
    return LEVELS[1]


def check_who_sealed(given: list[x509.Certificate], report: Report) -> None:
    """That it was one of those that the reader named, if any."""
    if not given:
        return
    sealed_with = report.sealed_with
    holds = sealed_with is not None and sealed_with.dump() in [one.dump() for one in given]
    who = "" if sealed_with is None else sealed_with.subject.human_friendly
    report.check("the certificate of the seal is one that you gave", holds, who)


def timestamp_holds(stamp: EmbeddedPdfSignature, roots: list[x509.Certificate]) -> bool:
    status = validate_pdf_timestamp(stamp, trust(roots, given_time(stamp.signed_data)), diff_policy=only_proofs())
    believed = bool(status.intact and status.valid and status.trusted)
    return believed and is_bare(stamp.signed_data, status) and padded_with_zeros(stamp)


def trust(roots: list[x509.Certificate], moment: datetime) -> ValidationContext:
    """A certificate counts if it was valid then; that it has expired since changes nothing."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    moment = min(moment, datetime.now(UTC))
    return ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail", moment=moment)


def only_proofs() -> StandardDiffPolicy:
    """The library's own policy less everything that a sealed file has no use for."""
    rules = (XrefStreamRule(), ObjectStreamRule(), DSSCompareRule())
    return StandardDiffPolicy(
        [CatalogModificationRule(), *(rule.as_qualified(ModificationLevel.LTA_UPDATES) for rule in rules)],
        FormUpdatingRule([SigFieldCreationRule(), SigFieldModificationRule()]),
    )


def tokens_in(seal: EmbeddedPdfSignature) -> list[Any]:
    attributes = seal.signer_info["unsigned_attrs"] or ()
    found = [
        one for attribute in attributes if attribute["type"].native == ADDED_LATER for one in attribute["values"]
    ]
    return [one["content"] for one in found]


def given_time(token: Any) -> datetime:
    moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def is_bare(signed: Any, status: Any) -> bool:
    """Nothing but the certificates of the path, and no unsigned attribute but a timestamp."""
    if signed["crls"] or len(signed["signer_infos"]) != 1 or status.validation_path is None:
        return False
    path = {one.dump() for one in status.validation_path.iter_certs(include_root=True)}
    extra = {one.chosen.dump() for one in signed["certificates"]} - path
    unsigned = signed["signer_infos"][0]["unsigned_attrs"] or ()
    return not extra and all(attribute["type"].native == ADDED_LATER for attribute in unsigned)


def padded_with_zeros(signature: EmbeddedPdfSignature) -> bool:
    content = bytes(signature.pkcs7_content)
    octets = content[1] & 0x7F if content[1] & 0x80 else 0
    length = int.from_bytes(content[2 : 2 + octets], "big") if octets else content[1]
    return not any(content[2 + octets + length :])


def nothing_else_follows(
    reader: PdfFileReader, seal: EmbeddedPdfSignature, stamps: list[EmbeddedPdfSignature]
) -> bool:
    covered = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
    levels = [one.evaluate_signature_coverage() for one in (seal, *stamps)]
    if not all(level in covered for level in levels) or not only_known_objects(reader, seal.signed_revision):
        return False
    if SignatureCoverageLevel.ENTIRE_FILE in levels:
        return True
    last = max((seal, *stamps), key=lambda one: one.signed_revision)
    start = last.byte_range[2] + last.byte_range[3]
    for begin, end in sorted(span for span in spans(reader, last.signed_revision + 1) if span[0] >= start):
        reader.stream.seek(start)
        if begin < start or reader.stream.read(begin - start).strip():
            return False
        start = end
    reader.stream.seek(start)
    ending = reader.stream.read()
    return ENDING.fullmatch(ending) is not None and b"obj" not in ending


def only_known_objects(reader: PdfFileReader, sealed: int) -> bool:
    """Every object that came after the seal belongs to the proofs or the form."""
    known = reachable(reader) | {(reader.root_ref.idnum, reader.root_ref.generation)}
    for number in range(sealed + 1, reader.xrefs.total_revisions):
        table = reader.xrefs.get_xref_container_info(number).stream_ref
        streams = {(one, 0) for one in reader.xrefs.object_streams_used_in(number)}
        for one in reader.xrefs.explicit_refs_in_revision(number):
            is_new = reader.xrefs.get_historical_ref(one, sealed) is None
            if is_new and one != table and (one.idnum, one.generation) not in known | streams:
                return False
    return True


def reachable(reader: PdfFileReader) -> set[tuple[int, int]]:
    seen: set[tuple[int, int]] = set()
    waiting = [reader.root.raw_get(name) for name in ("/DSS", "/AcroForm") if name in reader.root]
    while waiting:
        found = waiting.pop()
        if isinstance(found, generic.IndirectObject):
            if (found.idnum, found.generation) in seen:
                continue
            seen.add((found.idnum, found.generation))
            found = found.get_object()
        if isinstance(found, generic.DictionaryObject):
            waiting += [found.raw_get(name) for name in found if name not in ("/P", "/Parent")]
        elif isinstance(found, generic.ArrayObject):
            waiting += [found.raw_get(place) for place in range(len(found))]
    return seen


def spans(reader: PdfFileReader, revision: int) -> Iterator[tuple[int, int]]:
    for number in range(revision, reader.xrefs.total_revisions):
        table = reader.xrefs.get_xref_container_info(number)
        if table.stream_ref is None:
            yield table.declared_startxref, table.end_location
        for one in reader.xrefs.explicit_refs_in_revision(number):
            place = reader.xrefs.get_historical_ref(one, number)
            if isinstance(place, int):
                reader.get_object(one, revision=number)
                yield place, reader.stream.tell()


# --- chain ---


def claims_of(reader: PdfFileReader) -> dict[str, Any]:
    """Document information and the embedded chain."""
    information = reader.trailer["/Info"]
    said: dict[str, Any] = {str(name): str(information[name]) for name in information}
    waiting = [reader.root["/Names"]["/EmbeddedFiles"]]
    while waiting:
        node = waiting.pop().get_object()
        waiting += list(node.get("/Kids", ()))
        entries = list(node.get("/Names", ()))
        for name, specification in zip(entries[::2], entries[1::2], strict=True):
            if str(name) == EMBEDDED_CHAIN:
                said[EMBEDDED_CHAIN] = specification.get_object()["/EF"]["/F"].data
    return said


def check_chain(files: dict[str, bytes], manifest: dict[str, Any], said: dict[str, Any], report: Report) -> None:
    chain = as_json(files, CHAIN)
    if not report.check("the audit chain is whole", is_intact(chain, manifest.get("signature_request_id"))):
        return
    try:
        embedded = json.loads(said[EMBEDDED_CHAIN])
        begun, head = embedded["events"], embedded["head"]
        matches = is_intact(begun, manifest.get("signature_request_id")) and chain[: len(begun)] == begun
        report.check("it begins with the chain in the sealed file", matches, f"{len(begun)} of {len(chain)} events")
        ends = begun[-1]["hash"] == head == said.get(HEAD_PROPERTY)
        report.check("that chain ends in the head that the file names", ends, str(head))
    except (KeyError, ValueError, TypeError, IndexError, RecursionError):
        report.check("the sealed file carries its audit chain", False)
    facts = [json.loads(one["canonical"]) for one in chain]
    sealed = [one.get("sha256") for one in facts if one["event"] == "sealed"]
    report.check("the chain names the sealed file", sealed == [sha256(files[SEALED])])
    named = [one["certificate"] for one in facts if one["event"] == "sealed" and "certificate" in one]
    if named and report.sealed_with is not None:  # not in chains of the first release
        report.check("the chain names the certificate of the seal", named == [report.sealed_with.sha256.hex()])
    shown = {one.get("shown") for fact in facts if fact["event"] == "prepared" for one in fact.get("files", ())}
    documents = sorted(path for path in files if path.startswith("documents/"))
    strange = [path for path in documents if sha256(files[path]) not in shown]
    report.check("the documents are those that were shown to the signers", not strange, ", ".join(strange))


def is_intact(chain: Any, request: Any) -> bool:
    """Every event follows the one before it, none was changed, left out or put in, all are of one request."""
    previous = bytes(32)
    try:
        for place, event in enumerate(chain, 1):
            facts = json.loads(event["canonical"])
            digest = hashlib.sha256(previous + event["canonical"].encode())
            if event["sequence"] != place or facts["sequence"] != place or facts["request"] != request:
                return False
            if digest.hexdigest() != event["hash"] or "event" not in facts:
                return False
            previous = digest.digest()
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return False
    return bool(chain)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
