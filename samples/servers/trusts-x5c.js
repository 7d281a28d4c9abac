// An endpoint that verifies the signature, but with the certificate that the token itself brings. Whoever forges one brings a certificate
// of their own, with any name on it. The chain must be followed up to a copy of Apple's root that the endpoint has from Apple.
//
//   PORT=3000 node samples/servers/trusts-x5c.js
//   storewire audit http://localhost:3000/       finds that it accepts every chain
import { verify, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';

function check(signedPayload) {
  const [header, payload, signature] = signedPayload.split('.');
  const { x5c } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const { publicKey } = new X509Certificate(Buffer.from(x5c[0], 'base64'));
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' };
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))) {
    throw new Error('the signature is wrong');
  }
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end();
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const payload = check(JSON.parse(Buffer.concat(chunks).toString()).signedPayload);
    console.log(`accepted ${payload.notificationType} ${payload.notificationUUID}`);
    response.writeHead(200).end();
  } catch {
    response.writeHead(401).end();
  }
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});
