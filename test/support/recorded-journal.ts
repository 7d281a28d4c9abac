import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Journal, openJournal } from '../../src/journal/journal.js';
import type { DeliveryRecord, ReceiptHead } from '../../src/journal/record.js';
import { createBodyVerifier } from '../../src/listener/verification/verify-body.js';
import { ensureStateFolder, findStateFolder } from '../../src/settings/state-folder.js';
import { openAuthority } from '../../src/simulator/authority/authority-file.js';
import { type Signer, signNotification } from '../../src/simulator/authority/sign-payload.js';
import { buildNotification, type NotificationOptions } from '../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../src/simulator/random.js';
import { parseCertificate } from '../../src/trust/certificate.js';
import { TEST_NOW_MS } from './run-cli.js';

const MINUTE = 60_000;

export interface Recorded {
  readonly id: string;
  readonly uuid: string;
  readonly jws: string;
  /** As received: not quite as Apple would write it, so that a body made anew is told from it. */
  readonly body: string;
}

/** A project whose journal was written by the real writer, from what the real judge said; no listener runs. */
export interface RecordedJournal {
  readonly home: string;
  readonly folder: string;
  signed(options?: Partial<NotificationOptions>): string;
  /** A verified notification, an hour ago and one minute later each time. */
  receive(options?: Partial<NotificationOptions>, head?: Partial<ReceiptHead>, jws?: string): Promise<Recorded>;
  deliver(
    recorded: Pick<Recorded, 'id' | 'uuid'>,
    target: string,
    httpStatus: number | null,
    more?: Partial<DeliveryRecord>,
  ): Promise<void>;
  /** A body that was not verified. */
  reject(body: Uint8Array): Promise<string>;
  /** Lets go of the journal, as if the listener had ended. */
  close(): Promise<void>;
  remove(): void;
}

export async function recordJournal(): Promise<RecordedJournal> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-recorded-')));
  const userId = process.geteuid?.() ?? -1;
  const folder = ensureStateFolder(findStateFolder(home, null, userId), userId);
  const { authority } = await openAuthority(join(folder, 'authority'), { nowMs: TEST_NOW_MS, userId });
  const signer = await authority.issueChain();
  const roots = [{ certificate: parseCertificate(authority.root.raw), name: 'test authority' }];
  const judge = createBodyVerifier({ roots, expectations: {}, wantsDocuments: false });
  const journal = await openJournal(folder, { now: () => TEST_NOW_MS, pid: process.pid, isRunning: () => false });
  let count = 0;
  const next = () => {
    count += 1;
    return {
      id: `${count}`.padStart(2, '0').padEnd(16, 'abcdef0123456789'),
      atMs: TEST_NOW_MS - (60 - count) * MINUTE,
    };
  };
  const signed = (options: Partial<NotificationOptions> = {}): string => sign(signer, options, count);
  return {
    ...{ home, folder, signed },
    receive: (options, head, jws = signed(options)) => receive(journal, judge, { ...next(), ...head }, jws),
    deliver: (recorded, target, httpStatus, more = {}) => deliver(journal, recorded, target, httpStatus, more),
    reject: (body) => reject(journal, judge, next(), body),
    close: () => journal.close(),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

function sign(signer: Signer, options: Partial<NotificationOptions>, seed: number): string {
  const random = seededRandom(`${seed} ${JSON.stringify(options)}`);
  const built = buildNotification({ type: 'DID_RENEW', nowMs: TEST_NOW_MS - 61 * MINUTE, random, ...options });
  return signNotification(built, signer).signedPayload;
}

type Judge = ReturnType<typeof createBodyVerifier>;
type Place = Pick<ReceiptHead, 'id' | 'atMs'> & Partial<ReceiptHead>;

async function receive(journal: Journal, judge: Judge, given: Place, jws: string): Promise<Recorded> {
  const body = `{ "signedPayload" : "${jws}" }`;
  const { facts, verdict, synthetic, marks, bodyJson, refusal } = judge({ body: Buffer.from(body), atMs: given.atMs });
  if (facts?.uuid == null || verdict === null || bodyJson === null) throw new Error(`not verified: ${refusal?.code}`);
  const head: ReceiptHead = {
    type: 'receipt',
    address: '17.58.1.2',
    contentType: 'application/json; charset=utf-8',
    bytes: body.length,
    ...{ facts, verdict, synthetic, marks },
    repeatOf: journal.index.firstReceiptOf(facts.uuid),
    answered: 200,
    targets: ['app'],
    ...given,
  };
  await journal.append(head, bodyJson);
  return { id: head.id, uuid: facts.uuid, jws, body };
}

function deliver(
  journal: Journal,
  { id, uuid }: Pick<Recorded, 'id' | 'uuid'>,
  target: string,
  httpStatus: number | null,
  more: Partial<DeliveryRecord>,
): Promise<void> {
  const isAccepted = httpStatus !== null && httpStatus < 300;
  return journal.note({
    ...{ type: 'delivery', id, uuid, target, httpStatus },
    ...{ atMs: TEST_NOW_MS - MINUTE, attempt: 1, ms: 12 },
    outcome: isAccepted ? 'accepted' : httpStatus === null ? 'unreachable' : 'refused',
    ...{ final: true, nextAtMs: null },
    ...(isAccepted ? {} : { detail: 'it said no' }),
    ...more,
  });
}

async function reject(journal: Journal, judge: Judge, { id, atMs }: Place, body: Uint8Array): Promise<string> {
  const { refusal, facts, verdict } = judge({ body, atMs });
  if (refusal === null) throw new Error('it is verified');
  const { code: reason, message, status: answered } = refusal;
  const about = { id, atMs, address: '203.0.113.9', contentType: null, reason, message, answered, facts, verdict };
  await journal.reject(about, body);
  return id;
}
