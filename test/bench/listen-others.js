// node listen-others.js <port> bare | express <root.der>: what `listen` is measured beside.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { Environment, SignedDataVerifier } from '@apple/app-store-server-library';
import express from 'express';

const BUNDLE_ID = 'com.example.app';

const [port, name, root] = process.argv.slice(2);
http.createServer(name === 'bare' ? readAll : verifying(root)).listen(Number(port), '127.0.0.1');

/** The least a server can do with a notification: take it whole and answer 200. */
function readAll(request, response) {
  request.resume();
  request.on('end', () => response.end());
}

/** The handler of Apple's documentation: the notification and both tokens in it, then 200. */
function verifying(rootFile) {
  const verifier = new SignedDataVerifier([readFileSync(rootFile)], false, Environment.SANDBOX, BUNDLE_ID);
  const app = express();
  app.get('/', (_request, response) => response.sendStatus(200));
  app.post('/', express.json({ limit: '1mb' }), async (request, response) => {
    const notification = await verifier.verifyAndDecodeNotification(request.body.signedPayload);
    await verifier.verifyAndDecodeTransaction(notification.data.signedTransactionInfo);
    await verifier.verifyAndDecodeRenewalInfo(notification.data.signedRenewalInfo);
    response.sendStatus(200);
  });
  return app;
}
