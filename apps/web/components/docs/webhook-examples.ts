/** A receiver with the library that Standard Webhooks offers. Run by a test, so that what the page shows works. */
export const WITH_LIBRARY = `import { createServer } from "node:http";
import { Webhook } from "standardwebhooks"; // npm install standardwebhooks

const webhook = new Webhook(process.env.WEBHOOK_SECRET); // whsec_…

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    // The body as it came: parsed and written again it would not be what was signed.
    const message = webhook.verify(Buffer.concat(chunks), request.headers);
    console.log(request.headers["webhook-id"], message.type, message.data.executionId);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(process.env.PORT);
`;

/** The same without a library. */
export const BY_HAND = `import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace("whsec_", ""), "base64");

function isGenuine(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures = "" } = headers;
  // An old message may be one that somebody recorded.
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false;
  const expected = createHmac("sha256", key).update(\`\${id}.\${timestamp}.\${body}\`).digest();
  // There are several while the secret is being changed; any may fit.
  return signatures.split(" ").some((entry) => {
    const [version, signature = ""] = entry.split(",");
    const given = Buffer.from(signature, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  if (!isGenuine(request.headers, body)) return response.writeHead(400).end();
  const message = JSON.parse(body);
  console.log(request.headers["webhook-id"], message.type, message.data.executionId);
  response.writeHead(204).end();
}).listen(process.env.PORT);
`;

export const MESSAGE = `POST /webhooks/heddle HTTP/1.1
Content-Type: application/json
webhook-id: msg_0190b4d3-5a1e-7c3f-9b1d-2f6f0c1d7e55
webhook-timestamp: 1795359600
webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=

{"type":"execution.completed","timestamp":"2026-11-22T15:00:00.000Z","data":{
  "executionId":"…", "workspaceId":"…", "agentId":"…", "agentName":"Support triage",
  "deploymentId":"…", "version":3, "trigger":"api", "output":{"intent":"card_arrival"},
  "isOutputOmitted":false, "error":null, "tokensUsed":0, "costUsd":null, "latency":7,
  "startedAt":"2026-11-22T14:59:59.993Z"}}`;
