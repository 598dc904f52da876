// Receive events: check the hash, answer with the words the sender waits for.
const http = require("http");
const { EventCallbackHelper, EventCallbackRequest } = require("@dropbox/sign");
const { port } = require("./common");

http
  .createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      const form = await new Response(Buffer.concat(chunks), { headers: request.headers }).formData();
      const event = EventCallbackRequest.init(JSON.parse(form.get("json")));
      const genuine = EventCallbackHelper.isValid(process.env.PARAPH_API_KEY, event);
      console.log(event.event.eventType, genuine ? "genuine" : "FORGED");
      response.end("Hello API Event Received");
    });
  })
  .listen(port + 1, "localhost");
