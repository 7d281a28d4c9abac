// An endpoint that has Apple's App Store Server Library verify what comes, nested tokens too, before it answers. This is how it should be.
// It needs that package: npm install @apple/app-store-server-library
//
// ROOT is the certificate to trust, as PEM or DER: AppleRootCA-G3.cer from https://www.apple.com/certificateauthority/ for real
// notifications, or for a trial the test authority's, which only ever belongs on a laptop:
//
//   storewire authority --pem > root.pem
//   PORT=3000 ROOT=root.pem BUNDLE_ID=com.example.app node samples/servers/apples-library.js
//   storewire audit http://localhost:3000/ --control --bundle-id com.example.app       finds nothing
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Environment, SignedDataVerifier } from '@apple/app-store-server-library';

const { PORT = '3000', ROOT = 'root.pem', BUNDLE_ID = 'com.example.app', APP_APPLE_ID } = process.env;
const environment = APP_APPLE_ID === undefined ? Environment.SANDBOX : Environment.PRODUCTION;
const appAppleId = APP_APPLE_ID === undefined ? undefined : Number(APP_APPLE_ID);
const root = new X509Certificate(readFileSync(ROOT)).raw;
// The second argument asks OCSP whether a certificate was revoked: true in production, false for a test authority, which has no responder.
const verifier = new SignedDataVerifier([root], ROOT.endsWith('.cer'), environment, BUNDLE_ID, appAppleId);

/** Throws where anything in it is not Apple's, or not of this app and environment. */
async function check(signedPayload) {
  const notification = await verifier.verifyAndDecodeNotification(signedPayload);
  const { signedTransactionInfo, signedRenewalInfo } = notification.data ?? {};
  if (signedTransactionInfo !== undefined) await verifier.verifyAndDecodeTransaction(signedTransactionInfo);
  if (signedRenewalInfo !== undefined) await verifier.verifyAndDecodeRenewalInfo(signedRenewalInfo);
  return notification;
}

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end();
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { notificationType, notificationUUID } = await check(
      JSON.parse(Buffer.concat(chunks).toString()).signedPayload,
    );
    console.log(`took ${notificationType} ${notificationUUID}`);
    response.writeHead(200).end();
  } catch {
    response.writeHead(400).end();
  }
});

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});
