"""Reports of senders: what a signer says, and what operators read of it.

Who cannot open the document may report its sender too, without seeing what it is (T15).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import BadRequest, NotFound
from paraph.kit.http import Page, Redirect, form, page
from paraph.signing import answers
from paraph.signing.doors import faceless
from paraph.signing.handle_report import handle_report
from paraph.signing.queries import reports_of_abuse
from paraph.signing.refusals import NotYet
from paraph.signing.report import report_sender
from paraph.signing.standings import thanks_for_the_report

from .door import shut
from .link import base_of, load

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView
    from paraph.signing.handle_report import Outcome

MOST_DIGITS, MOST_KEY_DIGITS = 6, 18
OUTCOMES: dict[str, Outcome] = {
    "dismiss": "dismissed",
    "suspend-account": "account_suspended",
    "suspend-app": "app_suspended",
}


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
def reports(tx: ReadTx, visit: Visit, _kit: Kit) -> Page:
    """What signers reported, for operators."""
    text = visit.query.get("page", "")
    number = max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else 1
    found, has_more = reports_of_abuse(tx, page=number)
    return Page("signing/reports.html", {"reports": found, "number": number, "has_more": has_more})


@form("/operator/reports/{report_id}", operator=True)
def handled(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Dismiss the report, or suspend the sender or the app."""
    number, outcome = visit.path["report_id"], OUTCOMES.get(visit.text("outcome"))
    if not (number.isascii() and number.isdecimal() and len(number) <= MOST_KEY_DIGITS):
        raise NotFound("There is no such report.")
    if outcome is None:
        raise BadRequest("Choose what is to be done about the report.", path="outcome")
    handle_report(tx, int(number), outcome, visit.text("note"), by=visit.signed_in, kit=kit)
    return Redirect("/operator/reports", notice="The report is handled.")


def _view(tx: ReadTx, visit: Visit, kit: Kit) -> SignerView:
    view, _kept = load(tx, visit, kit)
    return view if shut(tx, visit, kit) is None else faceless(view)
