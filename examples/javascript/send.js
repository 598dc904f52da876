// Step 3: send a document for signature on behalf of the user who authorised the app.
const fs = require("fs");
const { SignatureRequestApi } = require("@dropbox/sign");
const { api, fail, recall, remember, sample } = require("./common");

async function main() {
  const requests = api(SignatureRequestApi, { accessToken: recall().access_token });
  const { body } = await requests.signatureRequestSend({
    title: "NDA with Acme Co.",
    subject: "The NDA we talked about",
    message: "Please sign this NDA and then we can discuss more.",
    signers: [{ emailAddress: process.argv[2] || "jack@example.com", name: "Jack", order: 0 }],
    ccEmailAddresses: ["lawyer@example.com"],
    files: [fs.createReadStream(sample)],
    metadata: { custom_id: 1234, custom_text: "NDA #9" },
    signingOptions: { draw: true, type: true, upload: true, phone: false, defaultType: "draw" },
    fieldOptions: { dateFormat: "DD - MM - YYYY" },
    testMode: true,
  });
  const { signatureRequestId, signatures } = body.signatureRequest;
  remember({ signature_request_id: signatureRequestId });
  console.log("sent", signatureRequestId, "to", signatures[0].signerEmailAddress);
}

main().catch(fail);
