import { signNotification, signPayload } from '../simulator/authority/sign-payload.js';
import { type DraftOptions, type ForgeryKit, fillDraft, JSON_TYPE, type Post, postOf } from './forgery.js';
import { type AuditResponse, type Control, isSuccess, type Observation } from './report.js';

/** A request with a known correct response, sent before the forgeries. */
export interface ControlPlan extends Pick<Control, 'id' | 'kind' | 'title'> {
  readonly make: (kit: ForgeryKit) => Post;
}

const NO_IDS = { notificationUUID: null, originalTransactionId: null };

/** Garbage input: an endpoint that answers 2xx to it answers before it verifies. */
export const INVALID_CONTROLS: readonly ControlPlan[] = [
  {
    id: 'control.not-json',
    kind: 'invalid',
    title: 'a body that is not JSON',
    make: () => ({ body: 'storewire audit: this is not JSON', contentType: JSON_TYPE, ...NO_IDS }),
  },
  {
    id: 'control.no-token',
    kind: 'invalid',
    title: 'JSON without a signedPayload',
    make: () => ({ body: '{"storewire":"audit"}', contentType: JSON_TYPE, ...NO_IDS }),
  },
  {
    id: 'control.garbage-token',
    kind: 'invalid',
    title: 'a signedPayload that is not a token',
    make: () => postOf('storewire.audit.garbage', NO_IDS),
  },
];

/**
 * Valid notifications for an endpoint that trusts the test authority. They include a TEST, as an endpoint may reject a renewal of a customer
 * that it does not know.
 */
export const VALID_CONTROLS: readonly ControlPlan[] = [
  {
    id: 'control.good-renewal',
    kind: 'valid',
    title: 'a renewal, signed by the test authority',
    make: signed('DID_RENEW'),
  },
  { id: 'control.good-test', kind: 'valid', title: 'a TEST, signed by the test authority', make: signed('TEST') },
];

function signed(type: string): ControlPlan['make'] {
  return ({ draft, chain }) => {
    const { built, ids } = draft({ type });
    return postOf(signNotification(built, chain).signedPayload, ids);
  };
}

/** Sends one body within the rate limit. */
type SendOne = (post: Post) => Promise<AuditResponse>;

/** Builder of one observation. `isTrusted`: the endpoint accepted a notification signed by the test authority. */
interface ObservationProbe {
  readonly id: Observation['id'];
  readonly title: string;
  /** Needs an endpoint that trusts the test authority. */
  readonly needsTrust: boolean;
  readonly observe: (kit: ForgeryKit, send: SendOne, isTrusted: boolean) => Promise<Seen>;
}

type Seen = Pick<Observation, 'seen' | 'note'>;

const DAY_MS = 86_400_000;

/** Apple's last retry comes 157 hours after the first attempt. Source: docs, "Responding to App Store Server Notifications". */
const LATE_MS = 157 * 3_600_000;

const OVERSIZE_BYTES = 2 * 1024 * 1024;

const TOO_LARGE = 413;

/** Requests in a burst, as when many subscriptions renew on the same day. */
export const BURST = 50;

export const NEEDS_TRUST = 'needs --control and an endpoint that trusts the test authority';

export const OBSERVATION_PROBES: readonly ObservationProbe[] = [
  {
    id: 'observed.duplicate',
    title: 'sent twice',
    needsTrust: true,
    observe: async (kit, send) => {
      const post = validPost(kit);
      const first = await send(post);
      const second = await send(post);
      return {
        seen: `${describe(first)}, then ${describe(second)}`,
        note: isSuccess(second)
          ? 'Correct: Apple repeats until it gets 2xx. Check in your data that it counted once: deduplicate by notificationUUID.'
          : 'Apple repeats until it gets 2xx: answer 200 to a duplicate as well.',
      };
    },
  },
  {
    id: 'observed.late',
    title: '157 hours late',
    needsTrust: true,
    observe: async (kit, send) => {
      const answer = await send(validPost(kit, { nowMs: kit.nowMs - LATE_MS }));
      return {
        seen: describe(answer),
        note: isSuccess(answer)
          ? "Correct: Apple's last retry comes 157 hours after the first attempt, with the same bytes."
          : "Apple's last retry comes 157 hours after the first attempt, with the same bytes: accept notifications of that age.",
      };
    },
  },
  {
    id: 'observed.out-of-order',
    title: 'expiry before renewal',
    needsTrust: true,
    observe: async (kit, send) => {
      const { ids } = kit.draft();
      const originalTransactionId = ids.originalTransactionId ?? '';
      const set = {
        'transaction.originalTransactionId': originalTransactionId,
        'renewalInfo.originalTransactionId': originalTransactionId,
      };
      const expiry = await send(validPost(kit, { type: 'EXPIRED', subtype: 'VOLUNTARY', set }));
      const renewal = await send(validPost(kit, { nowMs: kit.nowMs - DAY_MS, set }));
      return {
        seen: `${describe(expiry)}, then ${describe(renewal)}`,
        note: `Apple guarantees no order. Check ${originalTransactionId} in your data: ordered by signedDate, it has expired.`,
      };
    },
  },
  {
    id: 'observed.other-environment',
    title: 'the other environment',
    needsTrust: true,
    observe: async (kit, send) => {
      const environment = kit.app.environment === 'Sandbox' ? 'Production' : 'Sandbox';
      const answer = await send(validPost(kit, { app: { environment } }));
      return {
        seen: `${environment}: ${describe(answer)}`,
        note: isSuccess(answer)
          ? 'Apple sends Sandbox to the production URL if only that is set. Make sure that test purchases grant no real access.'
          : 'It accepts one environment only: set a URL for each in App Store Connect.',
      };
    },
  },
  {
    id: 'observed.nested-forged',
    title: 'untrusted nested tokens',
    needsTrust: true,
    observe: async (kit, send) => {
      const made = kit.draft();
      const answer = await send(postOf(signPayload(fillDraft(made, kit.lookalike), kit.chain), made.ids));
      return {
        seen: describe(answer),
        note: isSuccess(answer)
          ? 'The outer signature covers them, so only Apple can insert them. Verify them as well before you store or forward them.'
          : 'It verifies nested tokens as well.',
      };
    },
  },
  {
    id: 'observed.content-type',
    title: 'sent as text/plain',
    needsTrust: false,
    observe: async (kit, send, isTrusted) => {
      const answer = await send({ ...anyPost(kit, isTrusted), contentType: 'text/plain' });
      return { seen: describe(answer), note: 'Apple sends application/json.' };
    },
  },
  {
    id: 'observed.oversize',
    title: '2 MiB',
    needsTrust: false,
    observe: async (kit, send, isTrusted) => {
      const { body, ...rest } = anyPost(kit, isTrusted);
      const padded = body.replace(/\}$/, `,"padding":"${'x'.repeat(OVERSIZE_BYTES)}"}`);
      const answer = await send({ ...rest, body: padded });
      return { seen: describe(answer), note: noteOversize(answer, isTrusted) };
    },
  },
  {
    id: 'observed.burst',
    title: `${BURST} at 20 per second`,
    needsTrust: false,
    observe: async (kit, send, isTrusted) => {
      const posts = Array.from({ length: BURST }, () => anyPost(kit, isTrusted));
      const answers = await Promise.all(posts.map(send));
      const slowestMs = Math.max(...answers.map(({ ms }) => ms));
      return {
        seen: `${countStatuses(answers)}; the slowest took ${slowestMs} ms`,
        note: 'Renewals come in bursts. Without a timely response, Apple retries in Production; in Sandbox the notification is lost.',
      };
    },
  },
];

/** A rejection may be due to the signature: only 413, or a trusted signature, shows a size limit. */
function noteOversize(answer: AuditResponse, isTrusted: boolean): string {
  if (isSuccess(answer)) {
    return "Apple's notifications are about 20 KB. A limit such as 1 MiB protects memory from unauthenticated requests.";
  }
  return isTrusted || answer.httpStatus === TOO_LARGE
    ? "It has a limit. Apple's notifications are about 20 KB."
    : 'Rejected, possibly for its signature. --control shows if there is a size limit.';
}

function validPost({ draft, chain }: ForgeryKit, options?: DraftOptions): Post {
  const { built, ids } = draft(options);
  return postOf(signNotification(built, chain).signedPayload, ids);
}

/** Signed by the test authority if the endpoint trusts it, otherwise a forgery, which has no effect if it is rejected. */
function anyPost(kit: ForgeryKit, isTrusted: boolean): Post {
  return { ...validPost(isTrusted ? kit : { ...kit, chain: kit.lookalike }), contentType: JSON_TYPE };
}

function describe({ httpStatus }: AuditResponse): string {
  return httpStatus === null ? 'no answer' : `answered ${httpStatus}`;
}

function countStatuses(answers: readonly AuditResponse[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(describe(answer), (counts.get(describe(answer)) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} × ${status}`).join(', ');
}
