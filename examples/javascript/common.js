// What the steps share: the server's address, and a file that keeps what one step learns for the next.
const fs = require("fs");
const path = require("path");

const url = process.env.PARAPH_URL || "http://localhost:8000";
const port = Number(process.env.WALKTHROUGH_PORT || 8765);
const stateFile = process.env.WALKTHROUGH_STATE || "walkthrough.json";

module.exports = {
  url,
  port,
  callback: `http://localhost:${port}/callback`,
  events: `http://localhost:${port + 1}/events`,
  sample: path.join(__dirname, "..", "nda.pdf"),

  // the one line that differs from the vendor's samples: the host
  api: (Api, credentials = {}) => Object.assign(new Api(`${url}/v3`), credentials),
  oauth: (OAuthApi) => new OAuthApi(url),

  remember: (facts) => fs.writeFileSync(stateFile, JSON.stringify({ ...module.exports.recall(), ...facts }, null, 2)),
  recall: () => (fs.existsSync(stateFile) ? JSON.parse(fs.readFileSync(stateFile, "utf8")) : {}),

  fail: (error) => {
    console.error(error.body ? JSON.stringify(error.body) : error);
    process.exit(1);
  },
};
