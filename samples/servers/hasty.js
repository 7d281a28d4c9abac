// An endpoint that answers 200 to whatever comes, and verifies afterwards. Its answers say nothing, so an audit needs to be told whether
// something took effect: here, whether the notificationUUID stands in the file TAKEN. It loses what it cannot verify for the moment:
// Apple has heard 200 and does not send it again.
// It needs Apple's library: npm install @apple/app-store-server-library
//
//   storewire authority --pem > root.pem
//   PORT=3000 ROOT=root.pem TAKEN=taken.txt node samples/servers/hasty.js
//   storewire audit http://localhost:3000/       has no verdict
//   storewire audit http://localhost:3000/ --control --bundle-id com.example.app \
//     --effect 'grep -q "$STOREWIRE_NOTIFICATION_UUID" taken.txt'       finds nothing
import { X509Certificate } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Environment, SignedDataVerifier } from '@apple/app-store-server-library';

const { PORT = '3000', ROOT = 'root.pem', BUNDLE_ID = 'com.example.app', TAKEN = 'taken.txt' } = process.env;
const root = new X509Certificate(readFileSync(ROOT)).raw;
const verifier = new SignedDataVerifier([root], false, Environment.SANDBOX, BUNDLE_ID);

async function take(body) {
  try {
    const { notificationUUID } = await verifier.verifyAndDecodeNotification(JSON.parse(body).signedPayload);
    appendFileSync(TAKEN, `${notificationUUID}\n`);
  } catch {
    console.log('one was not taken');
  }
}

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.writeHead(200).end();
  await take(Buffer.concat(chunks).toString());
});

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});
