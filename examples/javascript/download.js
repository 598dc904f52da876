// Step 5: wait until everyone has signed, then download the sealed PDF.
const fs = require("fs");
const { SignatureRequestApi } = require("@dropbox/sign");
const { api, fail, recall } = require("./common");

const pause = () => new Promise((resolve) => setTimeout(resolve, 1000));
const STILL_BEING_SEALED = 409;

async function main() {
  const known = recall();
  const requests = api(SignatureRequestApi, { accessToken: known.access_token });
  while (!(await requests.signatureRequestGet(known.signature_request_id)).body.signatureRequest.isComplete) await pause();
  for (;;) {
    try {
      const { body } = await requests.signatureRequestFiles(known.signature_request_id, "pdf");
      fs.writeFileSync("signed.pdf", body);
      break;
    } catch (error) {
      if (error.statusCode !== STILL_BEING_SEALED) throw error;
      await pause();
    }
  }
  console.log("downloaded signed.pdf", fs.statSync("signed.pdf").size, "bytes");
}

main().catch(fail);
