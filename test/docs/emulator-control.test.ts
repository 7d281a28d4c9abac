import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../../src/index.js';
import { ask, serverToken } from '../support/api-token.js';
import { ROOT } from '../support/bin.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../support/emulator.js';
import { reasonToSkip } from '../support/installed.js';

const PAGE = readFileSync(path.join(ROOT, 'docs/emulator-control.md'), 'utf8');
const SECTIONS = PAGE.split(/^## /m).slice(1);
const NOT_A_REQUEST = ['Errors', 'What it answers'];
const SKIP = reasonToSkip('curl');

let running: TestEmulator;
let endpoint: TestEndpoint;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  running = await startTestEmulator({ step: true, sandboxUrl: endpoint.url, productionUrl: endpoint.url });
});
afterAll(async () => {
  await running.close();
  await endpoint.close();
});

const blockOf = (section: string, language: string): string | undefined =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(section)?.[1];

const sectionOf = (request: string): string => SECTIONS.find((section) => section.startsWith(`${request}\n`)) ?? '';

/** Names of fields and types of values, so that ids and times may differ. Of a list, its first element counts. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]));
}

async function runCurl(section: string): Promise<unknown> {
  const { url, controlToken } = running.emulator;
  const line = (blockOf(section, 'sh') ?? '').replace('http://127.0.0.1:4290', url);
  const env = { PATH: process.env.PATH, STOREWIRE_EMULATOR_TOKEN: controlToken };
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { env });
  return JSON.parse(stdout);
}

async function listRequests(): Promise<readonly string[]> {
  const { json } = await ask(`${running.emulator.url}/control/v1/nothing`, running.emulator.controlToken);
  return [...json.error.hint.matchAll(/(?:GET|POST|PUT|PATCH|DELETE) \/[\w/]+/g)].map(([request]) => request);
}

describe('the page on the control API', () => {
  it('has a section for every request, and for no other', async () => {
    const documented = SECTIONS.map((section) => section.split('\n')[0]).filter(
      (title) => !NOT_A_REQUEST.includes(title!),
    );
    expect(documented.sort()).toEqual([...(await listRequests())].sort());
  });

  // The state that the page shows has a call and an answer in it.
  beforeAll(async () => {
    const { emulator } = running;
    const { signedPayload } = await emulator.send({ type: 'CONSUMPTION_REQUEST' });
    const { transactionId } = verify(signedPayload).transaction!;
    const url = `${emulator.serverApi.sandbox}/inApps/v2/transactions/consumption/${transactionId}`;
    const body = { customerConsented: true, deliveryStatus: 'DELIVERED', sampleContentProvided: false };
    expect((await ask(url, await serverToken(emulator), { method: 'PUT', body })).status).toBe(202);
  });

  // In the order of the page: the state has the notification that the first one sends.
  it.skipIf(SKIP !== '')(`has examples that run, with responses as shown${SKIP}`, async () => {
    for (const section of SECTIONS.filter((each) => !NOT_A_REQUEST.some((title) => each.startsWith(title)))) {
      const isClock = section.startsWith('POST /control/v1/clock');
      const shown = blockOf(isClock ? sectionOf('GET /control/v1/state') : section, 'json') ?? 'null';
      expect(shapeOf(await runCurl(section)), section.split('\n')[0]).toEqual(shapeOf(JSON.parse(shown)));
    }
    expect(endpoint.bodies).toHaveLength(2);
  });

  it('names the fields of a notification as they are read', async () => {
    const fields = [...sectionOf('POST /control/v1/notifications').matchAll(/^\| (`.+?) \| (\S+)/gm)].flatMap(
      ([, names = '', type]) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, type] as const),
    );
    expect(fields.length).toBeGreaterThan(10);
    // A value of another type is refused by name: the field is read. `environment` and `productType` have words of their own.
    for (const [name] of fields) {
      const { emulator } = running;
      const body = { type: 'DID_RENEW', [name]: [1] };
      const { status, json } = await ask(`${emulator.url}/control/v1/notifications`, emulator.controlToken, { body });
      expect([name, status, json.error?.code]).toEqual([name, 400, 'ERR_EMULATOR_BODY']);
      expect(json.error.message).toContain(name);
    }
  });

  it('names error codes that the emulator has', async () => {
    const { emulator } = running;
    const send = (body: unknown) => ask(`${emulator.url}/control/v1/notifications`, emulator.controlToken, { body });
    const bodies = [{}, { signedPayload: 'x' }, { type: 'NEWS' }, { type: 'DID_RENEW', productType: 'Consumable' }];
    const edits = [
      { type: 'DID_RENEW', period: 'x' },
      { type: 'DID_RENEW', remove: ['nothing.there'] },
    ];
    for (const body of [...bodies, ...edits]) {
      const { status, json } = await send(body);
      expect(sectionOf('Errors')).toMatch(new RegExp(`^\\| ${status} \\| .*\`${json.error.code}\``, 'm'));
    }
  });
});
