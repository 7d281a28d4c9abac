import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildNotification, createAuthority, signNotification } from 'storewire/testing';

const DISTINCT = 500;
/** As large as a genuine one: Apple's certificates are longer than ours. */
const TARGET_BYTES = 18_800;

/** Notifications with three tokens, all different, one signer: `lines` are JSON bodies that end in a newline. */
export async function makeCorpus() {
  const nowMs = Date.now();
  const authority = await createAuthority({ nowMs, name: longName() });
  const chain = await authority.issueChain();
  const sign = () => signNotification(buildNotification({ type: 'DID_RENEW', nowMs, random: randomBytes }), chain);
  const signed = Array.from({ length: DISTINCT }, sign);
  const folder = mkdtempSync(path.join(tmpdir(), 'storewire-bench-'));
  const files = {
    root: path.join(folder, 'root.pem'),
    one: path.join(folder, 'one.json'),
    rootDer: path.join(folder, 'root.der'),
  };
  writeFileSync(files.root, authority.rootPem);
  writeFileSync(files.rootDer, authority.root.raw);
  writeFileSync(files.one, signed[0].body);
  const lines = signed.map(({ body }) => Buffer.from(`${body}\n`));
  return {
    signed,
    /** One more, different from all others. */
    sign,
    lines,
    bytes: lines[0].length - 1,
    folder,
    files,
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Names fill the certificates up to the size of Apple's. */
function longName() {
  return { CN: 'storewire TEST Root', OU: 'padding-'.repeat(Math.ceil(TARGET_BYTES / 520)), O: 'storewire' };
}
