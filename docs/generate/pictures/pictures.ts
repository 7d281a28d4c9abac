import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openAuthority } from '../../../src/simulator/authority/authority-file.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { seededRandom } from '../../../src/simulator/random.js';
import { buildScenario } from '../../../src/simulator/scenarios/scenarios.js';
import { drawTerminal, promptLine } from './svg.js';
import { COLUMNS, START_MS, startInTerminal } from './terminal.js';

/** Every picture: path from the root of the repository to SVG. */
export async function drawPictures(samples: string): Promise<ReadonlyMap<string, string>> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-pictures-')));
  try {
    return new Map([
      ['docs/listen.svg', await drawListen(folder)],
      ['docs/timeline.svg', await drawTimeline(folder)],
      ['docs/verify.svg', await drawVerify(folder, samples)],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const APP_ADDRESS = 'localhost:3000';
const LISTEN_ADDRESS = '127.0.0.1:4280';

/** Three notifications arrive: a purchase, a forgery, a refund. Ports are free ones; the picture has those of a user. */
async function drawListen(folder: string): Promise<string> {
  const app = createServer((request, response) => request.resume().on('end', () => response.end()));
  await once(app.listen(0, '127.0.0.1'), 'listening');
  const address = `localhost:${(app.address() as AddressInfo).port}`;
  const argv = ['listen', '--trust-authority', '-f', `app=http://${address}/apple`];
  const listener = startInTerminal([...argv, '--port', '0'], folder);
  const [, local = ''] = await listener.output(/local +http:\/\/(127\.0\.0\.1:\d+)\//);
  for (const [index, event] of [
    ['SUBSCRIBED.INITIAL_BUY'],
    ['DID_RENEW', '--forge', 'SIGNATURE_MISMATCH'],
    ['REFUND'],
  ].entries()) {
    const sent = startInTerminal(['trigger', ...event, '--to', `http://${local}/`], folder);
    await sent.ended;
    // The line of a notification is printed with its delivery.
    await listener.output(LAST_WORDS[index]!);
  }
  listener.interrupt();
  await listener.ended;
  app.close();
  const lines = listener
    .text()
    .replaceAll(address, APP_ADDRESS)
    .replaceAll(local, LISTEN_ADDRESS)
    .trimEnd()
    .split('\n');
  const banner = lines.findIndex((line) => line.includes('Listening for'));
  const bannerEnd = lines.indexOf('', banner);
  const arrivals = lines.findIndex((line) => /^(?:\S\[2m)?\d\d:\d\d:\d\dZ/.test(line));
  const command = `npx storewire listen --trust-authority -f app=http://${APP_ADDRESS}/apple`;
  const shown = [...lines.slice(banner, bannerEnd), '', ...lines.slice(arrivals)];
  return drawTerminal('storewire listen', [promptLine(command), ...shown], COLUMNS);
}

const LAST_WORDS = [/Family Sharing/, /hint: forged/, /revoke access/];

/** One character of a genuine-looking payload was changed. */
async function drawVerify(folder: string, samples: string): Promise<string> {
  const { signedPayload } = JSON.parse(readFileSync(path.join(samples, 'refund.json'), 'utf8')) as {
    signedPayload: string;
  };
  const [header = '', payload = '', signature = ''] = signedPayload.split('.');
  const forged = Buffer.from(payload, 'base64url').toString().replace('"REFUND"', '"REVOKE"');
  const token = [header, Buffer.from(forged).toString('base64url'), signature].join('.');
  writeFileSync(path.join(folder, 'payload.json'), JSON.stringify({ signedPayload: token }));
  const root = path.join(samples, 'root.pem');
  const run = startInTerminal(['verify', 'payload.json', '--bundle-id', 'com.example.coffee', '--root', root], folder);
  await run.ended;
  const command = 'npx storewire verify payload.json --bundle-id com.example.coffee --root root.pem';
  return drawTerminal('storewire verify', [promptLine(command), ...run.text().trimEnd().split('\n')], COLUMNS);
}

const DAY_MS = 86_400_000;

/** A renewal that is never paid. The ids are the same in every picture; the authority is the one that the listener made. */
async function drawTimeline(folder: string): Promise<string> {
  const { authority } = await openAuthority(path.join(folder, '.storewire', 'authority'), {
    nowMs: START_MS,
    userId: process.geteuid?.() ?? -1,
  });
  const chain = await authority.issueChain();
  const steps = buildScenario('billing-retry-lost', { nowMs: START_MS - 9 * DAY_MS, random: seededRandom('timeline') });
  const bodies = steps.map(({ built }) => {
    const { signedPayload } = signNotification(built, chain);
    return `${JSON.stringify({ signedPayload })}\n`;
  });
  writeFileSync(path.join(folder, 'customer.ndjson'), bodies.join(''));
  const run = startInTerminal(['timeline', 'customer.ndjson'], folder);
  await run.ended;
  const lines = run.text().trimEnd().split('\n');
  return drawTerminal('storewire timeline', [promptLine('npx storewire timeline customer.ndjson'), ...lines], COLUMNS);
}
