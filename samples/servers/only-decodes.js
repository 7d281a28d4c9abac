// An endpoint that decodes a notification and trusts it. Never do this: a JWS is text that anyone can write, and only its signature,
// under a chain that ends in Apple's root, says who wrote it.
//
//   PORT=3000 node samples/servers/only-decodes.js
//   storewire audit http://localhost:3000/       finds that it accepts every forgery
import { createServer } from 'node:http';

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end();
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { signedPayload } = JSON.parse(Buffer.concat(chunks).toString());
    const payload = JSON.parse(Buffer.from(signedPayload.split('.')[1], 'base64url').toString());
    console.log(`accepted ${payload.notificationType} ${payload.notificationUUID}`);
    response.writeHead(200).end();
  } catch {
    response.writeHead(400).end();
  }
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});
