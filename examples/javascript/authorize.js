// Step 2: wait for the user's browser to come back with a code, and exchange it for tokens.
const http = require("http");
const { OAuthApi } = require("@dropbox/sign");
const { fail, oauth, port, recall, remember } = require("./common");

const known = recall();

function answerOfTheBrowser() {
  return new Promise((resolve) => {
    const server = http.createServer((request, response) => {
      response.end("Thank you. You can close this page.");
      server.close();
      resolve(Object.fromEntries(new URL(request.url, "http://localhost").searchParams));
    });
    server.listen(port, "localhost", () => {
      console.log("Open in your browser and press Accept:\n ", known.authorize_url);
    });
  });
}

async function main() {
  const answer = await answerOfTheBrowser();
  if (answer.state !== known.state) throw new Error("The state does not match: not an answer to our request.");
  if (!answer.code) throw new Error("The user denied access.");
  const { body } = await oauth(OAuthApi).oauthTokenGenerate({
    clientId: known.client_id,
    clientSecret: known.client_secret,
    code: answer.code,
    state: known.state,
    grantType: "authorization_code",
  });
  remember({ access_token: body.accessToken, refresh_token: body.refreshToken });
  console.log("access token works for", body.expiresIn, "seconds");
}

main().catch(fail);
