// Fields through the official Node SDK, as a program: node fields_node.js PHASE STATE_FILE
const assert = require("assert");
const fs = require("fs");
const sdk = require("../tools/node_modules/@dropbox/sign");

const [, , phase, stateFile] = process.argv;
const known = JSON.parse(fs.readFileSync(stateFile, "utf8"));
const requests = Object.assign(new sdk.SignatureRequestApi(`${known.url}/v3`), { username: known.api_key });

const place = (row, width = 150) => ({ documentIndex: 0, page: 1, x: 60, y: 30 * row, width, height: 24 });
const placed = (type, apiId, row, more = {}) => ({
  ...place(row),
  ...{ apiId, type, name: apiId, required: true, signer: "0" },
  ...more,
});

const phases = {
  async send() {
    const { body } = await requests.signatureRequestSend({
      title: "Every field",
      signers: [{ name: "Jack", emailAddress: known.jack }],
      files: [fs.createReadStream(known.document)],
      formFieldsPerDocument: [
        placed("text", "full_name", 1, { validationType: "letters_only", fontFamily: "georgia", fontSize: 11 }),
        placed("checkbox", "has_pet", 2, { isChecked: false, required: false, width: 20 }),
        placed("text", "pet", 3),
        placed("radio", "by_mail", 4, { isChecked: false, group: "how", width: 20 }),
        placed("radio", "by_phone", 5, { isChecked: false, group: "how", width: 20 }),
        placed("dropdown", "colour", 6, { options: ["red", "green"], content: "red" }),
        placed("hyperlink", "terms", 7, { content: "terms", contentUrl: "https://example.com/terms" }),
        placed("signature", "sig", 8),
        placed("initials", "ini", 9),
        placed("date_signed", "day", 10),
        placed("text-merge", "price", 11, { signer: "sender" }),
        placed("checkbox-merge", "paid", 12, { signer: "sender", width: 20 }),
      ],
      formFieldGroups: [{ groupId: "how", groupLabel: "How?", requirement: "require_1" }],
      formFieldRules: [
        {
          id: "r",
          triggerOperator: "AND",
          triggers: [{ id: "has_pet", operator: "is", value: "1" }],
          actions: [{ fieldId: "pet", hidden: false, type: "change-field-visibility" }],
        },
      ],
      customFields: [
        { name: "price", value: "$20,000" },
        { name: "paid", value: "true" },
      ],
      fieldOptions: { dateFormat: "YYYY - MM - DD" },
      testMode: true,
    });
    assert.strictEqual(body.warnings, undefined);
    known.every = body.signatureRequest.signatureRequestId;
    const tagged = await requests.signatureRequestSend({
      title: "Text tags",
      signers: [{ name: "Jill", emailAddress: known.jill }],
      files: [fs.createReadStream(known.tagged)],
      useTextTags: true,
      hideTextTags: true,
      customFields: [{ name: "town", value: "Berlin" }],
      testMode: true,
    });
    known.tags = tagged.body.signatureRequest.signatureRequestId;
    fs.writeFileSync(stateFile, JSON.stringify(known));
  },

  async read() {
    const every = (await requests.signatureRequestGet(known.every)).body.signatureRequest;
    const data = Object.fromEntries(every.responseData.map((one) => [one.apiId, one]));
    assert.strictEqual(data.full_name.value, "Jack Lee");
    assert.strictEqual(data.has_pet.value, true);
    assert.strictEqual(data.by_phone.value, true);
    assert.strictEqual(data.colour.value, "green");
    assert.strictEqual(data.sig.isSigned, true);
    assert.strictEqual(data.day.value, known.day);
    assert.deepStrictEqual(
      every.customFields.map((one) => [one.name, one.value]),
      [
        ["price", "$20,000"],
        ["paid", true],
      ],
    );
    const tags = (await requests.signatureRequestGet(known.tags)).body.signatureRequest;
    assert.ok(tags.responseData.some((one) => one.apiId === "name_1" && one.value === "Jill Lee"));
  },
};

phases[phase]().catch((error) => {
  console.error(error.body ? JSON.stringify(error.body) : error);
  process.exit(1);
});
