"""Reports of senders: what a signer says, and what operators read of it.

Who cannot open the document may report its sender too, without seeing what it is (T15).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.http import Page, form, page
from paraph.signing import answers
from paraph.signing.doors import faceless
from paraph.signing.queries import reports_of_abuse
from paraph.signing.refusals import NotYet
from paraph.signing.report import report_sender
from paraph.signing.standings import thanks_for_the_report

from .door import shut
from .link import base_of, load

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView


@page("/sign/{token}/report", signed_in=False, translated=True)
def ask_for_report(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """What is wrong with the sender."""
    return answers.reason_page(_view(tx, visit, kit), base_of(visit), answers.report_question())


@form("/sign/{token}/report", signed_in=False, csrf=False, translated=True)
async def reported(visit: Visit, kit: Kit) -> Page:
    """The operator is told."""
    reason = visit.text("reason")
    try:
        await kit.db.write(lambda tx: report_sender(tx, visit.path["token"], reason, visit.client, kit=kit))
    except NotYet as refused:
        view = await kit.db.read(lambda tx: _view(tx, visit, kit))
        return answers.reason_page(view, base_of(visit), answers.report_question(), (refused.problem,), reason)
    return answers.notice_page(thanks_for_the_report(), ways=[answers.way_back(base_of(visit))])


@page("/operator/reports", operator=True)
def reports(tx: ReadTx, _visit: Visit, _kit: Kit) -> Page:
    """What signers reported, for operators."""
    return Page("signing/reports.html", {"reports": reports_of_abuse(tx)})


def _view(tx: ReadTx, visit: Visit, kit: Kit) -> SignerView:
    view, _kept = load(tx, visit, kit)
    return view if shut(tx, visit, kit) is None else faceless(view)
