// oidc-provider's adapter contract on PostgreSQL: one table, prepared statements, an index for each way it looks.
import pg from "pg";

export const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: 8 });

export const createTable = () => pool.query(`
  create table oidc_payloads (
    kind text not null, id text not null, payload jsonb not null, grant_id text, user_code text, uid text,
    expires_at timestamptz, consumed_at timestamptz, primary key (kind, id));
  create index on oidc_payloads (grant_id) where grant_id is not null;
  create unique index on oidc_payloads (uid) where uid is not null;
  create index on oidc_payloads (expires_at);`);

const KEEP = `insert into oidc_payloads (kind, id, payload, grant_id, user_code, uid, expires_at)
  values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
  on conflict (kind, id) do update set payload = excluded.payload, expires_at = excluded.expires_at`;
const LIVE = "(expires_at is null or expires_at > now())";
const FIND = `select payload, consumed_at from oidc_payloads where kind = $1 and id = $2 and ${LIVE}`;
const FIND_BY_UID = `select payload, consumed_at from oidc_payloads where kind = $1 and uid = $2 and ${LIVE}`;

export class PostgresAdapter {
  constructor(kind) {
    this.kind = kind;
  }

  async upsert(id, payload, seconds) {
    const { grantId = null, userCode = null, uid = null } = payload;
    await pool.query({ name: "keep", text: KEEP, values: [this.kind, id, payload, grantId, userCode, uid, seconds] });
  }

  find(id) {
    return this.#one("find", FIND, id);
  }

  findByUid(uid) {
    return this.#one("find-by-uid", FIND_BY_UID, uid);
  }

  findByUserCode() {
    throw new Error("there is no device flow here");
  }

  async consume(id) {
    const text = "update oidc_payloads set consumed_at = now() where kind = $1 and id = $2";
    await pool.query({ name: "consume", text, values: [this.kind, id] });
  }

  async destroy(id) {
    const text = "delete from oidc_payloads where kind = $1 and id = $2";
    await pool.query({ name: "destroy", text, values: [this.kind, id] });
  }

  async revokeByGrantId(grantId) {
    const text = "delete from oidc_payloads where grant_id = $1";
    await pool.query({ name: "revoke", text, values: [grantId] });
  }

  async #one(name, text, key) {
    const { rows: [row] } = await pool.query({ name, text, values: [this.kind, key] });
    return row && { ...row.payload, ...(row.consumed_at && { consumed: true }) };
  }
}
