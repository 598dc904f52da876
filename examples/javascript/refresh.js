// Step 4: get a new access token without asking the user again.
const { OAuthApi } = require("@dropbox/sign");
const { fail, oauth, recall, remember } = require("./common");

async function main() {
  const known = recall();
  const { body } = await oauth(OAuthApi).oauthTokenRefresh({
    grantType: "refresh_token",
    refreshToken: known.refresh_token,
    clientId: known.client_id,
    clientSecret: known.client_secret,
  });
  remember({ access_token: body.accessToken, refresh_token: body.refreshToken });
  console.log("new access token for", body.expiresIn, "seconds");
}

main().catch(fail);
