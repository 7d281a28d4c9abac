import { expect, it } from 'vitest';
import type { PayloadDocument } from '../../../src/notification/document.js';
import { describeInspected } from '../../../src/session/inspector.js';
import { CUT, PLAIN, SUBSCRIBED } from '../document-view/documents.js';
import { EXPIRED, UNKNOWN_REVOCATION, withVerdict } from '../document-view/verdicts.js';

const PAGE = { ...PLAIN, columns: Number.POSITIVE_INFINITY, isPage: true } as const;

const MALFORMED = { verdict: 'invalid', reason: 'MALFORMED_JWS', checks: [] } as const;

it.each<[string, PayloadDocument]>([
  ['invalid', withVerdict(SUBSCRIBED, EXPIRED)],
  ['undetermined', withVerdict(SUBSCRIBED, UNKNOWN_REVOCATION)],
  ['valid', withVerdict(SUBSCRIBED, {})],
  ['not verified', SUBSCRIBED],
  ['not opened', withVerdict(CUT, MALFORMED)],
])('the summary of one that is %s says everything once', (_case, document) => {
  const lines = describeInspected(document, PAGE)
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  expect(lines.filter((line) => /^ {2}bundleId {2}/.test(line)).length).toBeLessThan(2);
});

it('an invalid one begins with the verdict, which a terminal shows at the end too', () => {
  const document = withVerdict(SUBSCRIBED, EXPIRED);
  const verdict = 'invalid  CERTIFICATE_EXPIRED  a certificate had expired\n';
  const page = describeInspected(document, PAGE);
  expect(page.startsWith(verdict)).toBe(true);
  expect(page).toContain('\nNew subscription  SUBSCRIBED.INITIAL_BUY\n');
  expect(describeInspected(document, PLAIN).endsWith(`\n\n${verdict}`)).toBe(true);
});
