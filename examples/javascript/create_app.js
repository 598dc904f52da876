// Step 1: register the app. Prints its client id and the address at which users authorise it.
const { ApiAppApi } = require("@dropbox/sign");
const { api, callback, events, fail, remember, url } = require("./common");

async function main() {
  const apps = api(ApiAppApi, { username: process.env.PARAPH_API_KEY });
  const { body } = await apps.apiAppCreate({
    name: "Walkthrough (JavaScript)",
    domains: ["localhost"],
    callbackUrl: events,
    oauth: { callbackUrl: callback, scopes: ["request_signature", "basic_account_info"] },
  });
  const { clientId, oauth } = body.apiApp;
  const query = new URLSearchParams({ response_type: "code", client_id: clientId, state: "900e06e2" });
  const authorizeUrl = `${url}/oauth/authorize?${query}`;
  remember({ client_id: clientId, client_secret: oauth.secret, state: "900e06e2", authorize_url: authorizeUrl });
  console.log("client id:        ", clientId);
  console.log("authorization URL:", authorizeUrl);
}

main().catch(fail);
