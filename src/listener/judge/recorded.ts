import type { RecordedFacts, RecordedVerdict } from '../../journal/record.js';
import type { Check, Verification } from '../../notification/document.js';
import { factsOf } from '../../notification/facts.js';
import { describeEvent, type EventSubject } from '../../notification/meaning.js';
import type { PayloadVerdict } from '../../notification/verify.js';
import type { Judged } from './judged.js';

/** What a payload says, as it is recorded and shown. Of one that is not verified every text is clipped: strangers write it. */
export function recordAbout(subject: EventSubject, isVerified: boolean): Pick<Judged, 'facts' | 'title' | 'meaning'> {
  const { title, meaning } = describeEvent(subject);
  const facts = factsIn(subject);
  return isVerified
    ? { facts, title, meaning }
    : { facts: clipFacts(facts), title: clip(title), meaning: clip(meaning, MAX_MEANING) };
}

function factsIn(subject: EventSubject): RecordedFacts {
  const { type, bundleId, appAppleId, environment, productId, signedAtMs } = factsOf(subject);
  const uuid = subject.notification?.notificationUUID;
  const known = typeof uuid === 'string' && uuid !== '' ? uuid : null;
  return { kind: subject.kind, uuid: known, type, bundleId, appAppleId, environment, productId, signedAtMs };
}

/** The verdict without what passed. A payload can hold any number of tokens that fail, and any text. */
export function recordVerdict({ verdict, reason, root, checkedAtMs, clock, checks }: Verification): RecordedVerdict {
  const failed =
    verdict === 'valid'
      ? NONE_FAILED
      : checks
          .filter(({ ok }) => ok === false)
          .slice(0, MAX_CHECKS)
          .map(clipCheck);
  return { verdict, reason, root, checkedAtMs, clock, failed };
}

/** Signed, or said to be, by an authority of this tool: each names itself so. */
export function isSynthetic({ tokens }: PayloadVerdict): boolean {
  return tokens.some(
    ({ report: { root, chain } }) => isTestName(root?.certificate.subject) || isTestName(chain?.sentRoot.subject),
  );
}

const TEST_NAME = 'CN=storewire TEST';

function isTestName(subject: string | undefined): boolean {
  return subject !== undefined && (subject.startsWith(TEST_NAME) || subject.includes(`, ${TEST_NAME}`));
}

const NONE_FAILED: readonly Check[] = [];
const MAX_CHECKS = 20;
const MAX_CHARACTERS = 200;
const MAX_MEANING = 1000;

function clipFacts(facts: RecordedFacts): RecordedFacts {
  const { uuid, type, bundleId, appAppleId, environment, productId } = facts;
  return {
    ...facts,
    type: clip(type),
    uuid: clipOrNull(uuid),
    bundleId: clipOrNull(bundleId),
    appAppleId: clipOrNull(appAppleId),
    environment: clipOrNull(environment),
    productId: clipOrNull(productId),
  };
}

function clipCheck(check: Check): Check {
  const { token, expected, found, detail } = check;
  return {
    ...check,
    token: clip(token),
    ...(expected === undefined ? {} : { expected: clip(expected) }),
    ...(found === undefined ? {} : { found: clip(found) }),
    ...(detail === undefined ? {} : { detail: clip(detail) }),
  };
}

function clipOrNull(text: string | null): string | null {
  return text === null ? null : clip(text);
}

function clip(text: string, max = MAX_CHARACTERS): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
