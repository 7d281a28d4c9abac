// node bare-verify.js SIGNED.json SECONDS: checks the three signatures of one notification again and again with crypto.verify alone, and prints how
// many notifications a second that makes.
import { verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [file, seconds] = process.argv.slice(2);
const { signedPayload } = JSON.parse(readFileSync(file, 'utf8'));
const { data } = partOf(signedPayload, 1);
const [leaf] = partOf(signedPayload, 0).x5c;
const key = new X509Certificate(Buffer.from(leaf, 'base64')).publicKey;
const tokens = [signedPayload, data.signedTransactionInfo, data.signedRenewalInfo].map((token) => {
  const end = token.lastIndexOf('.');
  return { input: Buffer.from(token.slice(0, end)), signature: Buffer.from(token.slice(end + 1), 'base64url') };
});

const started = process.hrtime.bigint();
const untilNs = started + BigInt(seconds) * 1_000_000_000n;
let count = 0;
for (; process.hrtime.bigint() < untilNs; count++) {
  for (const { input, signature } of tokens) {
    if (!verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature))
      throw new Error('a signature is wrong');
  }
}
process.stdout.write(String(count / (Number(process.hrtime.bigint() - started) / 1e9)));

function partOf(token, index) {
  return JSON.parse(Buffer.from(token.split('.')[index], 'base64url').toString());
}
