import type { AuditReport, Doubt } from '../../audit/report.js';
import { adviseOnIntermediary } from '../../intermediary/identify.js';
import { groupDigits } from '../../terminal/format.js';

/** Reasons of an inconclusive verdict, with the next step. */
const DOUBTS: Readonly<Record<Doubt, { readonly why: string; readonly hint: string }>> = {
  'answers-before-it-checks': {
    why: 'it answers 2xx to garbage input as well, so a 2xx proves nothing',
    hint: 'Pass --effect COMMAND, which exits 0 if an attempt took effect; or verify before answering.',
  },
  'refuses-everything': {
    why: 'it rejects a valid notification as well, so a rejection proves nothing',
    hint: 'Trust the root of storewire authority --pem in the endpoint, and pass the --bundle-id, --app-apple-id and --environment that it expects.',
  },
  'effect-of-rubbish': {
    why: '--effect reports that garbage input took effect',
    hint: 'It must exit 0 only if STOREWIRE_NOTIFICATION_UUID or STOREWIRE_ORIGINAL_TRANSACTION_ID is in your data.',
  },
  'effect-never-seen': {
    why: '--effect reports no effect of a valid notification either',
    hint: 'Check that it looks in the right place, and that the endpoint trusts the root of storewire authority --pem.',
  },
  'nothing-there': {
    why: 'no notification endpoint found',
    hint: 'Check the path and that the endpoint runs. For details: storewire check URL',
  },
  guarded: {
    why: 'something in front of the handler answered, so nothing is known of the handler',
    hint: 'Let the path through, then run the audit again. For details: storewire check URL',
  },
  'same-refusal': {
    why: 'an empty POST gets the same refusal as every forgery, so it may not come from the handler',
    hint: 'Trust the root of storewire authority --pem in the endpoint and add --control, or answer 400 to an empty body.',
  },
  'not-read': {
    why: 'it refused forgeries without reading them (413, 415 or similar)',
    hint: 'Raise the limit of the body to 1 MB and accept application/json. For details: storewire check URL',
  },
  unanswered: {
    why: 'some requests got no response or were rate limited',
    hint: 'Make sure that the endpoint stays up and accepts 20 requests a second, then run the audit again.',
  },
  deadline: { why: 'timed out before everything was sent', hint: 'Raise --timeout.' },
  interrupted: { why: 'interrupted before everything was sent', hint: 'Run the audit again for a verdict.' },
};

export function countForgeries(count: number): string {
  return count === 1 ? '1 forgery' : `${groupDigits(count)} forgeries`;
}

/** The diagnosis as a sentence; null without a finding. */
export function describeDiagnosis({ diagnosis }: Pick<AuditReport, 'diagnosis'>): string | null {
  return diagnosis === null ? null : `${asSentence(diagnosis.text)}.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export function asSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The verdict on one line. Not escaped. */
export function describeVerdict({ verdict, doubt, guard, attempts, interrupted }: AuditReport): string {
  const accepted = attempts.filter((attempt) => attempt.believed === true).length;
  const all = countForgeries(attempts.length);
  const stop = interrupted === null ? '' : `interrupted after ${interrupted.after} of ${interrupted.of} requests`;
  const more = stop === '' ? '' : `; ${stop}`;
  if (verdict === 'unsafe') return `unsafe: accepted ${accepted} of ${all}${more}`;
  if (doubt === 'interrupted') return `inconclusive: ${stop}, nothing accepted so far`;
  if (doubt === 'same-refusal' && guard !== null)
    return `inconclusive: an empty POST gets the same ${attempts[0]?.httpStatus} as every forgery: the handler, or ${guard.name}${more}`;
  if (guard?.kind === 'model') return `inconclusive: refused before anything was verified, by ${guard.name}${more}`;
  if (guard !== null) return `inconclusive: not answered by the handler but by ${guard.name}${more}`;
  if (doubt === 'nothing-there') return `inconclusive: ${listStatuses(attempts)}: ${DOUBTS[doubt].why}${more}`;
  if (doubt !== null) return `inconclusive: ${DOUBTS[doubt].why}${more}`;
  return `safe: accepted none of ${all}`;
}

/** `every response was 404 or 405`. */
function listStatuses(attempts: AuditReport['attempts']): string {
  const statuses = [...new Set(attempts.map(({ httpStatus }) => httpStatus))].sort();
  const isRedirect = statuses.every((status) => status !== null && status >= 300 && status < 400);
  return `every response was ${isRedirect ? 'a redirect, ' : ''}${statuses.join(' or ')}`;
}

/** The next step of an inconclusive verdict. */
export function hintOf({ guard, url }: Pick<AuditReport, 'guard' | 'url'>, doubt: Doubt): string {
  if (doubt === 'same-refusal' && guard !== null)
    return `If it is not the handler: ${adviseOnIntermediary(guard, new URL(url))} If it is: ${lowerFirst(DOUBTS[doubt].hint)}`;
  return guard === null ? DOUBTS[doubt].hint : `${adviseOnIntermediary(guard, new URL(url))} Then run the audit again.`;
}

/** Limits of the verdict; empty if there are none. */
export function describeLimits({ verdict, attempts, trustsAuthority, sameRefusal }: AuditReport): readonly string[] {
  if (verdict === 'inconclusive') return [];
  const caveat =
    sameRefusal === null
      ? []
      : [
          `An empty POST gets the same ${sameRefusal} as every forgery. If a login in front of the handler gives it, this says nothing of the handler: storewire test, or --control, shows whether a genuine notification is let in.`,
        ];
  const untested = attempts.filter(({ requires, believed }) => requires === 'authority' && believed === false).length;
  if (trustsAuthority === true || untested === 0) return caveat;
  const alternative = attempts.some(({ requires }) => requires === 'apple')
    ? ''
    : ', or --genuine FILE with App Store tokens';
  return [
    ...caveat,
    `${untested} of the rejected forgeries are signed by the test authority: an endpoint that trusts only Apple rejects them for their root, before their own defect is checked.`,
    `To also test the checks after root trust: --control with the root of storewire authority --pem trusted by the endpoint${alternative}.`,
  ];
}
