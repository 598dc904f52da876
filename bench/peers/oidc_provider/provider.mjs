// oidc-provider as an OAuth 2.0 server with opaque tokens that rotate, and one protected resource.
//   node provider.mjs serve PORT WORKERS | prepare | tokens COUNT | codes COUNT
import cluster from "node:cluster";
import { Provider } from "oidc-provider";
import { PostgresAdapter, createTable, pool } from "./adapter.mjs";

const { BENCH_CLIENT_ID: clientId, BENCH_CLIENT_SECRET: secret, BENCH_REDIRECT_URI: redirectUri } = process.env;
const [, , order, first, second] = process.argv;
const SCOPE = "read write offline_access", PEOPLE = 256, LIFE = 36_000;

const provider = new Provider(`http://127.0.0.1:${order === "serve" ? first : 1}`, {
  adapter: PostgresAdapter,
  clients: [{
    client_id: clientId, client_secret: secret, token_endpoint_auth_method: "client_secret_post",
    grant_types: ["authorization_code", "refresh_token"], redirect_uris: [redirectUri], response_types: ["code"],
  }],
  scopes: ["read", "write", "offline_access"],
  rotateRefreshToken: true,
  pkce: { required: () => true },
  cookies: { keys: ["bench cookie key"] },
  findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  features: { devInteractions: { enabled: false } },
  ttl: { AccessToken: LIFE, RefreshToken: LIFE, Grant: LIFE, AuthorizationCode: LIFE },
});

provider.use(async (context, next) => {
  if (context.path !== "/account") return next();
  const presented = /^Bearer (\S+)$/.exec(context.get("authorization"));
  const token = presented && await provider.AccessToken.find(presented[1]);
  if (token?.scopes.has("read")) {
    context.body = { account: token.accountId };
  } else {
    context.status = 401;
    context.set("WWW-Authenticate", 'Bearer error="invalid_token"');
  }
});

const granted = async (number) => {
  const accountId = `person${number % PEOPLE}`;
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(SCOPE);
  const client = await provider.Client.find(clientId);
  return { accountId, client, grantId: await grant.save(), scope: SCOPE };
};

// twelve at a time: the pool holds eight connections
async function print(count, make) {
  for (let done = 0; done < count; done += 12) {
    const numbers = Array.from({ length: Math.min(12, count - done) }, (_, place) => done + place);
    console.log((await Promise.all(numbers.map(make))).join("\n"));
  }
}

const ORDERS = {
  prepare: createTable,
  tokens: () => print(Number(first), async (number) => {
    const bound = { ...(await granted(number)), gty: "authorization_code" };
    const access = await new provider.AccessToken(bound).save();
    return `${access} ${await new provider.RefreshToken(bound).save()}`;
  }),
  codes: () => print(Number(first), async (number) => new provider.AuthorizationCode({
    ...(await granted(number)), gty: "authorization_code", redirectUri,
    codeChallenge: process.env.BENCH_CODE_CHALLENGE, codeChallengeMethod: "S256",
  }).save()),
};

if (order !== "serve") {
  await ORDERS[order]();
  await pool.end();
} else if (cluster.isPrimary) {
  for (let made = 0; made < Number(second); made += 1) cluster.fork();
} else {
  provider.listen(Number(first), "127.0.0.1");
}
