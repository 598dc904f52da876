// One peer as a long-lived process: reads lines of JSON {step, file, out}, answers {ms, cpu} or {error}.
//   node peer.mjs LIBRARY PEERS_FOLDER MATERIAL_FOLDER
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , library, peers, material] = process.argv;
const require = createRequire(path.join(peers, "anchor.js"));
const read = (name) => fs.readFileSync(path.join(material, name));
const sans = read("sans.ttf"), script = read("script.ttf"), picture = read("signature.png");
const PASSPHRASE = "bench", NOTE = "Signed by all parties";
const WORDS = JSON.parse(read("words.json"));

// the same twenty places on the same pages for everybody; three of them are pictures
const marks = (pages) => WORDS.map((text, i) => ({
  text, i, page: pages > 1 ? Math.floor((i * pages) / 20) : 0, x: 60 + (i % 2) * 250, y: 780 - Math.floor(i / 2) * 68,
}));

async function libpdf() {
  const from = pathToFileURL(path.join(peers, "node_modules/@libpdf/core/dist/index.mjs"));
  const { PDF, P12Signer, HttpTimestampAuthority } = await import(from);
  const bytes = (buffer) => new Uint8Array(buffer);
  const own = await P12Signer.create(bytes(read("own.p12")), PASSPHRASE, { buildChain: true });
  const bought = await P12Signer.create(bytes(read("bought.p12")), PASSPHRASE, { buildChain: true });
  const stamp = (pdf) => {
    const plain = pdf.embedFont(bytes(sans)), hand = pdf.embedFont(bytes(script)), drawn = pdf.embedImage(bytes(picture));
    for (const mark of marks(pdf.getPageCount())) {
      const page = pdf.getPage(mark.page);
      if (mark.i % 7 === 6) page.drawImage(drawn, { x: mark.x, y: mark.y, width: 160, height: 48 });
      else page.drawText(mark.text, { x: mark.x, y: mark.y, size: 12, font: mark.i % 7 === 5 ? hand : plain });
    }
  };
  const sign = async (pdf, signer, level, tsa) => {
    const timestampAuthority = tsa ? new HttpTimestampAuthority(tsa) : undefined;
    return (await pdf.sign({ signer, reason: NOTE, level, timestampAuthority, fieldName: "Seal" })).bytes;
  };
  const load = async (data) => PDF.load(bytes(data));
  const levelled = (level) => async (data, tsa) => sign(await load(data), bought, level, tsa);
  return {
    open: async (data) => { (await load(data)).getPageCount(); },
    stamp: async (data) => { const pdf = await load(data); stamp(pdf); return pdf.save({ subsetFonts: true }); },
    seal: async (data) => sign(await load(data), own, "B-B"),
    complete: async (data) => {
      const pdf = await load(data);
      stamp(pdf);
      return sign(await load(await pdf.save({ subsetFonts: true })), own, "B-B");
    },
    "B-T": levelled("B-T"), "B-LT": levelled("B-LT"), "B-LTA": levelled("B-LTA"),
  };
}

async function pdflib() {
  const { PDFDocument } = require("pdf-lib"), fontkit = require("@pdf-lib/fontkit");
  const { SignPdf } = require("@signpdf/signpdf"), { P12Signer } = require("@signpdf/signer-p12");
  const { pdflibAddPlaceholder } = require("@signpdf/placeholder-pdf-lib");
  const { plainAddPlaceholder } = require("@signpdf/placeholder-plain");
  const { SUBFILTER_ETSI_CADES_DETACHED: subFilter } = require("@signpdf/utils");
  const told = { reason: NOTE, contactInfo: "a", name: "Bench", location: "x", signatureLength: 16000, subFilter };
  const signed = (data) => new SignPdf().sign(data, new P12Signer(read("own-3des.p12"), { passphrase: PASSPHRASE }));
  const stamp = async (pdf) => {
    pdf.registerFontkit(fontkit);
    const plain = await pdf.embedFont(sans, { subset: true }), hand = await pdf.embedFont(script, { subset: true });
    const drawn = await pdf.embedPng(picture), pages = pdf.getPages();
    for (const mark of marks(pages.length)) {
      const page = pages[mark.page];
      if (mark.i % 7 === 6) page.drawImage(drawn, { x: mark.x, y: mark.y, width: 160, height: 48 });
      else page.drawText(mark.text, { x: mark.x, y: mark.y, size: 12, font: mark.i % 7 === 5 ? hand : plain });
    }
  };
  const held = async (pdf) => {
    pdflibAddPlaceholder({ pdfDoc: pdf, ...told });
    return Buffer.from(await pdf.save({ useObjectStreams: false }));
  };
  return {
    open: async (data) => { (await PDFDocument.load(data)).getPageCount(); },
    stamp: async (data) => { const pdf = await PDFDocument.load(data); await stamp(pdf); return pdf.save(); },
    seal: async (data) => signed(await held(await PDFDocument.load(data))),
    "seal-plain": async (data) => signed(plainAddPlaceholder({ pdfBuffer: data, ...told })),
    complete: async (data) => {
      const pdf = await PDFDocument.load(data);
      await stamp(pdf);
      return signed(await held(pdf));
    },
  };
}

const steps = await (library === "libpdf" ? libpdf() : pdflib());
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { step, file, out, tsa } = JSON.parse(line);
  const answer = {};
  try {
    const begin = performance.now(), used = process.cpuUsage();
    const result = await steps[step](fs.readFileSync(file), tsa);
    if (out && result) fs.writeFileSync(out, result);
    const { user, system } = process.cpuUsage(used);
    Object.assign(answer, { ms: performance.now() - begin, cpu: (user + system) / 1000 });
  } catch (problem) {
    answer.error = String(problem?.message ?? problem).slice(0, 200);
  }
  answer.peak_mb = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(JSON.stringify(answer) + "\n");
}
