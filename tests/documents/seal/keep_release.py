"""Makes the sealed files that tests keep for ever (T31): run once for each release, never again.

python -m tests.documents.seal.keep_release 0.1
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from paraph.documents import LEVELS, SealingIdentity
from tests.documents.samples import text_pdf_bytes
from tests.documents.seal.conftest import policy_for, working
from tests.helpers.pki import PASSPHRASE, rsa2048, serving

KEPT = Path(__file__).parents[2] / "fixtures"


def keep(release: str) -> None:
    folder = KEPT / f"sealed-{release}"
    folder.mkdir(parents=True)
    with serving() as world, tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        own = SealingIdentity.load_or_create(scratch / "keys", "Kept Seal")
        holder = world.certified("Kept Bought Seal", rsa2048())
        bought = SealingIdentity.from_pkcs12(world.pkcs12(scratch / "seal.p12", holder), PASSPHRASE)
        told = {}
        with working(policy_for(world, "good"), own, scratch) as desk:
            for identity, kind in ((own, "own"), (bought, "bought")):
                for level in LEVELS:
                    path, done = desk.by(identity).seal(scratch, level, text_pdf_bytes(1))
                    file = folder / f"{kind}-{level}.pdf"
                    file.write_bytes(path.read_bytes())
                    told[file.name] = {"level": level, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
                    told[file.name] |= {"sealed_by": done.sealed_by, "timestamped_at": done.timestamped_at}
        (folder / "roots.pem").write_bytes(own.roots[0] + bought.roots[0])
        (folder / "timestamp-roots.pem").write_bytes(world.root.pem)
        (folder / "told.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    keep(sys.argv[1])
