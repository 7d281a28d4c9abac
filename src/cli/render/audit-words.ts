import type { AuditReport, Doubt } from '../../endpoint/audit/report.js';
import { groupDigits } from '../number.js';

/** Why there is no verdict, and what to do about it. */
export const DOUBTS: Readonly<Record<Doubt, { readonly why: string; readonly hint: string }>> = {
  'answers-before-it-checks': {
    why: 'it answers 2xx to rubbish too, so a 2xx says nothing',
    hint: 'Give --effect COMMAND, which looks whether an attempt took effect (exit 0); or answer after checking.',
  },
  'refuses-everything': {
    why: 'it refuses a notification in order as well, so a refusal says nothing',
    hint: 'Trust the root of storewire authority --pem there, and give --bundle-id, --app-apple-id and --environment as it expects them.',
  },
  'effect-of-rubbish': {
    why: 'the program of --effect says that rubbish took effect',
    hint: 'It must end with 0 only where STOREWIRE_NOTIFICATION_UUID or STOREWIRE_ORIGINAL_TRANSACTION_ID is in your data.',
  },
  'effect-never-seen': {
    why: 'the program of --effect says that a notification in order took no effect either',
    hint: 'See that it looks in the right place, and that the root of storewire authority --pem is trusted there.',
  },
  'nothing-there': {
    why: 'nothing came back but 404, 503 or the like: no endpoint for notifications seems to be there',
    hint: 'Check the path, and that it runs; storewire check URL tells more.',
  },
  unanswered: {
    why: 'some were not answered, or were turned away for their number',
    hint: 'See that the endpoint stays up and takes 20 requests a second, then run it again.',
  },
  deadline: { why: 'the time was up before all was sent', hint: 'Give a longer --timeout.' },
};

/** The verdict in one sentence. */
export function describeVerdict({ verdict, doubt, attempts }: AuditReport): string {
  const believed = attempts.filter((attempt) => attempt.believed === true).length;
  const all = attempts.length === 1 ? '1 forgery' : `${groupDigits(attempts.length)} forgeries`;
  if (verdict === 'unsafe') return `unsafe: it believed ${believed} of ${all}`;
  if (doubt !== null) return `inconclusive: ${DOUBTS[doubt].why}`;
  return `safe: it believed none of ${all}`;
}

/** What the verdict leaves open; empty where it leaves nothing. */
export function describeLimits({ verdict, attempts, trustsAuthority }: AuditReport): readonly string[] {
  if (verdict === 'inconclusive') return [];
  const resting = attempts.filter(({ rests, believed }) => rests === 'authority' && believed === false).length;
  if (trustsAuthority === true || resting === 0) return [];
  const others = attempts.some(({ rests }) => rests === 'apple')
    ? ''
    : ', or --genuine FILE with tokens of the App Store';
  return [
    `${resting} that were not believed are signed under the test authority, and an endpoint that trusts Apple alone refuses them before it comes to their defect.`,
    `To look behind that: --control where the root of storewire authority --pem is trusted${others}.`,
  ];
}
