// The walkthrough through the official Node SDK, as a program: node sdk_node.js PHASE STATE_FILE
const assert = require("assert");
const fs = require("fs");
const sdk = require("../tools/node_modules/@dropbox/sign");

const [, , phase, stateFile] = process.argv;
const known = JSON.parse(fs.readFileSync(stateFile, "utf8"));
const keep = (facts) => fs.writeFileSync(stateFile, JSON.stringify(Object.assign(known, facts)));
const pause = () => new Promise((resolve) => setTimeout(resolve, 250));

const byKey = (Api) => Object.assign(new Api(`${known.url}/v3`), { username: known.api_key });
const byToken = (Api) => Object.assign(new Api(`${known.url}/v3`), { accessToken: known.access_token });

async function refused(status, name, promise) {
  const error = await promise.then(
    () => assert.fail("was not refused"),
    (caught) => caught,
  );
  assert.strictEqual(error.statusCode, status, JSON.stringify(error.body));
  assert.strictEqual(error.body.error.errorName, name);
}

async function whenReady(call) {
  for (let tries = 0; tries < 120; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (![400, 409].includes(error.statusCode)) throw error;
      await pause();
    }
  }
  return assert.fail("not ready in 30 seconds");
}

async function until(isTrue) {
  for (let tries = 0; tries < 120; tries += 1) {
    if (await isTrue()) return;
    await pause();
  }
  assert.fail("not so in 30 seconds");
}

const phases = {
  async account_and_app() {
    const accounts = byKey(sdk.AccountApi);
    const { account } = (await accounts.accountGet()).body;
    assert.strictEqual(account.accountId, known.account_id);
    const verified = (await accounts.accountVerify({ emailAddress: known.email })).body.account;
    assert.strictEqual(verified.emailAddress, known.email);
    await refused(404, "not_found", accounts.accountVerify({ emailAddress: "nobody@example.com" }));
    const apps = byKey(sdk.ApiAppApi);
    const created = await apps.apiAppCreate({
      name: known.app_name,
      domains: ["example.com"],
      callbackUrl: known.events,
      oauth: { callbackUrl: known.callback, scopes: ["account_access", "signature_request_access"] },
    });
    assert.strictEqual(created.response.status, 201);
    const app = created.body.apiApp;
    const listed = (await apps.apiAppList(1, 5)).body;
    assert.ok(listed.apiApps.some((one) => one.clientId === app.clientId));
    const doomed = (await apps.apiAppCreate({ name: `${known.app_name} doomed`, domains: ["example.com"] })).body.apiApp;
    assert.strictEqual((await apps.apiAppDelete(doomed.clientId)).response.status, 204);
    await refused(404, "not_found", apps.apiAppGet(doomed.clientId));
    keep({ client_id: app.clientId, client_secret: app.oauth.secret });
  },

  async tokens() {
    const oauth = new sdk.OAuthApi(known.url);
    const { body: pair } = await oauth.oauthTokenGenerate({
      clientId: known.client_id,
      clientSecret: known.client_secret,
      code: known.code,
      state: "900e06e2",
      grantType: "authorization_code",
    });
    assert.strictEqual(pair.tokenType, "Bearer");
    assert.strictEqual(pair.state, "900e06e2");
    const again = (await oauth.oauthTokenRefresh({ grantType: "refresh_token", refreshToken: pair.refreshToken })).body;
    await refused(400, "invalid_grant", oauth.oauthTokenRefresh({ grantType: "refresh_token", refreshToken: "no" }));
    keep({ access_token: again.accessToken, refresh_token: again.refreshToken });
  },

  async invite() {
    const { body } = await byKey(sdk.AccountApi).accountCreate({
      emailAddress: known.invited,
      clientId: known.client_id,
      clientSecret: known.client_secret,
    });
    assert.strictEqual(body.account.emailAddress, known.invited);
    keep({ invited_token: body.oauthData.accessToken });
  },

  async send() {
    const requests = byToken(sdk.SignatureRequestApi);
    const { signatureRequest } = (
      await requests.signatureRequestSend({
        title: "NDA with Acme Co.",
        subject: "The NDA we talked about",
        signers: [
          { emailAddress: known.jack, name: "Jack", order: 0 },
          { emailAddress: known.jill, name: "Jill", order: 1 },
        ],
        ccEmailAddresses: ["lawyer1@example.com"],
        files: [
          fs.createReadStream(known.document),
          { value: fs.readFileSync(known.document), options: { filename: "nämé.pdf", contentType: "application/pdf" } },
        ],
        metadata: { custom_id: 1234, custom_text: "NDA #9" },
        signingOptions: { draw: true, type: true, upload: true, phone: false, defaultType: "draw" },
        fieldOptions: { dateFormat: "DD - MM - YYYY" },
        testMode: true,
      })
    ).body;
    keep({ signature_request_id: signatureRequest.signatureRequestId });
    const got = (await requests.signatureRequestGet(known.signature_request_id)).body.signatureRequest;
    assert.deepStrictEqual(got.metadata, { custom_id: 1234, custom_text: "NDA #9" });
    const listed = (await requests.signatureRequestList(undefined, 1, 10, "title:NDA AND from:me")).body;
    assert.deepStrictEqual(
      listed.signatureRequests.map((one) => one.signatureRequestId),
      [known.signature_request_id],
    );
    await refused(404, "not_found", requests.signatureRequestGet("0".repeat(40)));
  },

  async cancel() {
    const requests = byToken(sdk.SignatureRequestApi);
    const signers = [{ emailAddress: "doomed@example.com", name: "Jack" }];
    const files = [fs.createReadStream(known.document)];
    const sent = (await requests.signatureRequestSend({ title: "Doomed", signers, files, testMode: true })).body;
    const id = sent.signatureRequest.signatureRequestId;
    await whenReady(() => requests.signatureRequestCancel(id));
    await until(() => requests.signatureRequestGet(id).then(() => false, (error) => error.statusCode === 410));
  },

  async after_signing() {
    const id = known.signature_request_id;
    const requests = byToken(sdk.SignatureRequestApi);
    await until(async () => (await requests.signatureRequestGet(id)).body.signatureRequest.isComplete);
    const { body: pdf } = await whenReady(() => requests.signatureRequestFiles(id, "pdf"));
    assert.strictEqual(pdf.subarray(0, 5).toString(), "%PDF-");
    const { dataUri } = (await requests.signatureRequestFilesAsDataUri(id)).body;
    assert.ok(dataUri.startsWith("data:application/pdf;base64,"));
    const link = (await requests.signatureRequestFilesAsFileUrl(id)).body;
    assert.ok(link.expiresAt > Date.now() / 1000);
    fs.writeFileSync(known.signed_file, pdf);
    await byKey(sdk.SignatureRequestApi).signatureRequestRemove(id);
    await refused(404, "not_found", byKey(sdk.SignatureRequestApi).signatureRequestGet(id));
  },
};

phases[phase]().catch((error) => {
  console.error(error.body ? JSON.stringify(error.body) : error);
  process.exit(1);
});
