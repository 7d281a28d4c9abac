import { signNotification, signPayload } from '../simulator/authority/sign-payload.js';
import { type DraftOptions, type ForgeryKit, fillDraft, JSON_TYPE, type Post, postOf } from './forgery.js';
import { type Answer, type Control, isTaken, type Observation } from './report.js';

/** Something whose right answer is known, sent before any forgery. */
interface ControlPlan extends Pick<Control, 'id' | 'kind' | 'title'> {
  readonly make: (workshop: ForgeryKit) => Post;
}

const NOBODYS = { notificationUUID: null, originalTransactionId: null };

/** What nobody can take for a notification: an endpoint that answers it 2xx answers before it checks. */
export const INVALID_CONTROLS: readonly ControlPlan[] = [
  {
    id: 'control.not-json',
    kind: 'rubbish',
    title: 'a body that is not JSON',
    make: () => ({ body: 'storewire audit: this is not JSON', contentType: JSON_TYPE, ...NOBODYS }),
  },
  {
    id: 'control.no-token',
    kind: 'rubbish',
    title: 'JSON without a signedPayload',
    make: () => ({ body: '{"storewire":"audit"}', contentType: JSON_TYPE, ...NOBODYS }),
  },
  {
    id: 'control.garbage-token',
    kind: 'rubbish',
    title: 'a signedPayload that is no token',
    make: () => postOf('storewire.audit.garbage', NOBODYS),
  },
];

/**
 * What an endpoint that trusts the test authority should take. A TEST as well: one that looks up the customer of a renewal may refuse
 * that, since there is none.
 */
export const VALID_CONTROLS: readonly ControlPlan[] = [
  {
    id: 'control.good-renewal',
    kind: 'good',
    title: 'a renewal, signed by the test authority',
    make: good('DID_RENEW'),
  },
  { id: 'control.good-test', kind: 'good', title: 'a TEST, signed by the test authority', make: good('TEST') },
];

function good(type: string): ControlPlan['make'] {
  return ({ draft, chain }) => {
    const { built, ids } = draft({ type });
    return postOf(signNotification(built, chain).signedPayload, ids);
  };
}

/** Sends one body and gives its answer, in its turn. */
type SendOne = (post: Post) => Promise<Answer>;

/** How an observation is made. `isTrusted`: the endpoint has taken a notification that the test authority signed. */
interface ObservationProbe {
  readonly id: Observation['id'];
  readonly title: string;
  /** Whether only an endpoint that trusts the test authority can show it. */
  readonly needsTrust: boolean;
  readonly observe: (workshop: ForgeryKit, send: SendOne, isTrusted: boolean) => Promise<Seen>;
}

type Seen = Pick<Observation, 'seen' | 'note'>;

const DAY_MS = 86_400_000;

/** Apple's last retry comes 157 hours after the first attempt. Source: docs, "Responding to App Store Server Notifications". */
const LATE_MS = 157 * 3_600_000;

const OVERSIZE_BYTES = 2 * 1024 * 1024;

const TOO_LARGE = 413;

/** So many at once: as when the subscriptions of a launch renew on one day. */
export const BURST = 50;

export const NEEDS_TRUST = 'needs --control, and an endpoint that trusts the test authority';

export const OBSERVATION_PROBES: readonly ObservationProbe[] = [
  {
    id: 'observed.duplicate',
    title: 'sent twice',
    needsTrust: true,
    observe: async (workshop, send) => {
      const post = goodPost(workshop);
      const first = await send(post);
      const second = await send(post);
      return {
        seen: `${describe(first)}, then ${describe(second)}`,
        note: isTaken(second)
          ? 'Right: Apple repeats until it hears 2xx. Whether it counted twice shows in your data: tell repeats by notificationUUID.'
          : 'Apple repeats until it hears 2xx: answer a repeat 200 too.',
      };
    },
  },
  {
    id: 'observed.late',
    title: '157 hours late',
    needsTrust: true,
    observe: async (workshop, send) => {
      const answer = await send(goodPost(workshop, { nowMs: workshop.nowMs - LATE_MS }));
      return {
        seen: describe(answer),
        note: isTaken(answer)
          ? "Right: Apple's last retry comes 157 hours after the first attempt, the same bytes."
          : "Apple's last retry comes 157 hours after the first attempt, the same bytes: one that old is still news.",
      };
    },
  },
  {
    id: 'observed.out-of-order',
    title: 'expiry before renewal',
    needsTrust: true,
    observe: async (workshop, send) => {
      const { ids } = workshop.draft();
      const originalTransactionId = ids.originalTransactionId ?? '';
      const set = {
        'transaction.originalTransactionId': originalTransactionId,
        'renewalInfo.originalTransactionId': originalTransactionId,
      };
      const expiry = await send(goodPost(workshop, { type: 'EXPIRED', subtype: 'VOLUNTARY', set }));
      const renewal = await send(goodPost(workshop, { nowMs: workshop.nowMs - DAY_MS, set }));
      return {
        seen: `${describe(expiry)}, then ${describe(renewal)}`,
        note: `Apple promises no order. Look at ${originalTransactionId} in your data: by signedDate it has expired.`,
      };
    },
  },
  {
    id: 'observed.other-environment',
    title: 'the other environment',
    needsTrust: true,
    observe: async (workshop, send) => {
      const environment = workshop.app.environment === 'Sandbox' ? 'Production' : 'Sandbox';
      const answer = await send(goodPost(workshop, { app: { environment } }));
      return {
        seen: `${environment}: ${describe(answer)}`,
        note: isTaken(answer)
          ? 'Apple sends Sandbox to the production URL where only that is set. See that test purchases grant nothing for real.'
          : 'It takes one environment: set a URL for each in App Store Connect.',
      };
    },
  },
  {
    id: 'observed.nested-forged',
    title: 'nested tokens of a stranger',
    needsTrust: true,
    observe: async (workshop, send) => {
      const made = workshop.draft();
      const answer = await send(postOf(signPayload(fillDraft(made, workshop.impostor), workshop.chain), made.ids));
      return {
        seen: describe(answer),
        note: isTaken(answer)
          ? 'The outer signature covers them, so nobody but Apple can put them there. Verify them all the same before they go elsewhere.'
          : 'It verifies nested tokens for themselves.',
      };
    },
  },
  {
    id: 'observed.content-type',
    title: 'called text/plain',
    needsTrust: false,
    observe: async (workshop, send, isTrusted) => {
      const answer = await send({ ...anyPost(workshop, isTrusted), contentType: 'text/plain' });
      return { seen: describe(answer), note: 'Apple sends application/json.' };
    },
  },
  {
    id: 'observed.oversize',
    title: '2 MiB',
    needsTrust: false,
    observe: async (workshop, send, isTrusted) => {
      const { body, ...rest } = anyPost(workshop, isTrusted);
      const padded = body.replace(/\}$/, `,"padding":"${'x'.repeat(OVERSIZE_BYTES)}"}`);
      const answer = await send({ ...rest, body: padded });
      return { seen: describe(answer), note: noteOversize(answer, isTrusted) };
    },
  },
  {
    id: 'observed.burst',
    title: `${BURST} at 20 a second`,
    needsTrust: false,
    observe: async (workshop, send, isTrusted) => {
      const posts = Array.from({ length: BURST }, () => anyPost(workshop, isTrusted));
      const answers = await Promise.all(posts.map(send));
      const slowestMs = Math.max(...answers.map(({ ms }) => ms));
      return {
        seen: `${countStatuses(answers)}; the slowest took ${slowestMs} ms`,
        note: 'Renewals come in bursts. What is not answered in time is sent again in Production, and lost in Sandbox.',
      };
    },
  },
];

/** What is refused as a forgery shows nothing of a limit, unless its size is what the answer names. */
function noteOversize(answer: Answer, isTrusted: boolean): string {
  if (isTaken(answer)) {
    return 'A notification of Apple has about 20 KB. A limit, of 1 MiB for instance, keeps memory from being filled by anyone.';
  }
  return isTrusted || answer.httpStatus === TOO_LARGE
    ? 'It has a limit. A notification of Apple has about 20 KB.'
    : 'Refused, perhaps as the forgery it is: whether there is a limit shows with --control.';
}

function goodPost({ draft, chain }: ForgeryKit, wish?: DraftOptions): Post {
  const { built, ids } = draft(wish);
  return postOf(signNotification(built, chain).signedPayload, ids);
}

/** Well signed where that is believed there; else a forgery, which does no harm where forgeries are refused. */
function anyPost(workshop: ForgeryKit, isTrusted: boolean): Post {
  return { ...goodPost(isTrusted ? workshop : { ...workshop, chain: workshop.impostor }), contentType: JSON_TYPE };
}

function describe({ httpStatus }: Answer): string {
  return httpStatus === null ? 'no answer' : `answered ${httpStatus}`;
}

function countStatuses(answers: readonly Answer[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(describe(answer), (counts.get(describe(answer)) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} × ${status}`).join(', ');
}
