#!/usr/bin/env node
// Makes the samples of this folder. Run after `npm run build`:
//
//   node samples/make.js            writes the samples that are missing, touches no other
//   node samples/make.js --check    compares every sample with what the builders make now; exit 1 on a difference
//   node samples/make.js --all      signs all of them again, under a new root
//
// ECDSA is randomised, so the same payload signed twice gives two texts: --check compares decoded content, and proves
// the signatures against root.pem. Neither needs the root's private key, which is therefore kept nowhere: root.pem may
// be trusted without anybody being able to sign in its name. To add a sample without signing the others again, keep the
// key outside of the repository: `--all --authority FILE` writes it there, `--authority FILE` signs with it.

import { createHash, verify, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const NOW_MS = Date.UTC(2026, 10, 2, 9);
const DAY_MS = 86_400_000;
const VALID_FOR_MS = 3653 * DAY_MS;
const APP = { bundleId: 'com.example.coffee', appAppleId: 6400000001, bundleVersion: '118' };
const SUBSCRIPTION = { productId: 'coffee.club.monthly', lowerProductId: 'coffee.club.basic' };

/** File name → what it is built from. The name is the seed of its ids: a new sample changes no other. */
export const SAMPLES = {
  'test.json': { type: 'TEST' },
  'subscribed-initial-buy.json': { type: 'SUBSCRIBED', subtype: 'INITIAL_BUY' },
  'subscribed-resubscribe.json': { type: 'SUBSCRIBED', subtype: 'RESUBSCRIBE' },
  'did-renew.json': { type: 'DID_RENEW' },
  'did-renew-billing-recovery.json': { type: 'DID_RENEW', subtype: 'BILLING_RECOVERY' },
  'did-fail-to-renew.json': { type: 'DID_FAIL_TO_RENEW' },
  'did-fail-to-renew-grace-period.json': { type: 'DID_FAIL_TO_RENEW', subtype: 'GRACE_PERIOD' },
  'grace-period-expired.json': { type: 'GRACE_PERIOD_EXPIRED' },
  'expired-voluntary.json': { type: 'EXPIRED', subtype: 'VOLUNTARY' },
  'expired-billing-retry.json': { type: 'EXPIRED', subtype: 'BILLING_RETRY' },
  'did-change-renewal-status-auto-renew-disabled.json': {
    type: 'DID_CHANGE_RENEWAL_STATUS',
    subtype: 'AUTO_RENEW_DISABLED',
  },
  'did-change-renewal-status-auto-renew-enabled.json': {
    type: 'DID_CHANGE_RENEWAL_STATUS',
    subtype: 'AUTO_RENEW_ENABLED',
  },
  'did-change-renewal-pref-upgrade.json': { type: 'DID_CHANGE_RENEWAL_PREF', subtype: 'UPGRADE' },
  'did-change-renewal-pref-downgrade.json': { type: 'DID_CHANGE_RENEWAL_PREF', subtype: 'DOWNGRADE' },
  'offer-redeemed.json': { type: 'OFFER_REDEEMED' },
  'price-increase-pending.json': { type: 'PRICE_INCREASE', subtype: 'PENDING' },
  'refund.json': { type: 'REFUND' },
  'refund-reversed.json': { type: 'REFUND_REVERSED' },
  'consumption-request.json': { type: 'CONSUMPTION_REQUEST', productId: 'coffee.beans.10' },
  'one-time-charge.json': { type: 'ONE_TIME_CHARGE', productId: 'coffee.beans.10', price: 2990 },
  'revoke.json': { type: 'REVOKE' },
  'external-purchase-token-unreported.json': { type: 'EXTERNAL_PURCHASE_TOKEN', subtype: 'UNREPORTED' },
  'renewal-extension-summary.json': { type: 'RENEWAL_EXTENSION', subtype: 'SUMMARY' },
  'rescind-consent.json': { type: 'RESCIND_CONSENT' },
};

/** A few days of history, one item a line as Apple's history has them; `daysAgo` before the other samples. */
export const HISTORY = [
  { daysAgo: 6, event: { type: 'SUBSCRIBED', subtype: 'INITIAL_BUY' }, attempts: ['SUCCESS'] },
  { daysAgo: 5, event: { type: 'DID_RENEW' }, attempts: ['UNSUCCESSFUL_HTTP_RESPONSE_CODE', 'SUCCESS'] },
  { daysAgo: 4, event: { type: 'DID_FAIL_TO_RENEW', subtype: 'GRACE_PERIOD' }, attempts: ['SUCCESS'] },
  { daysAgo: 3, event: { type: 'ONE_TIME_CHARGE', productId: 'coffee.beans.10' }, attempts: ['SUCCESS'] },
  { daysAgo: 2, event: { type: 'REFUND' }, attempts: ['TIMED_OUT', 'TIMED_OUT', 'TIMED_OUT'] },
  { daysAgo: 1, event: { type: 'EXPIRED', subtype: 'VOLUNTARY' }, attempts: ['SUCCESS'] },
];
const HISTORY_FILE = 'history.ndjson';
const ROOT_FILE = 'root.pem';
const FILES = [...Object.keys(SAMPLES), HISTORY_FILE];

/** Apple's waits between attempts in Production, in hours from the first one. */
const ATTEMPT_HOURS = [0, 1, 13, 37, 85, 157];

function buildSample(testing, name) {
  return testing.buildNotification({
    ...APP,
    ...SUBSCRIPTION,
    ...SAMPLES[name],
    environment: 'Production',
    nowMs: NOW_MS,
    random: testing.seededRandom(name),
  });
}

function buildHistory(testing) {
  return HISTORY.map(({ daysAgo, event, attempts }, index) => {
    const nowMs = NOW_MS - daysAgo * DAY_MS;
    const random = testing.seededRandom(`${HISTORY_FILE}:${index}`);
    const built = testing.buildNotification({
      ...APP,
      ...SUBSCRIPTION,
      ...event,
      environment: 'Production',
      nowMs,
      random,
    });
    const sendAttempts = attempts.map((sendAttemptResult, attempt) => ({
      attemptDate: nowMs + ATTEMPT_HOURS[attempt] * 3_600_000 + 250,
      sendAttemptResult,
    }));
    return { built, sendAttempts };
  });
}

function writeSamples(testing, chain, files) {
  for (const name of files) {
    const text =
      name === HISTORY_FILE
        ? buildHistory(testing)
            .map(({ built, sendAttempts }) => {
              const { signedPayload } = testing.signNotification(built, chain);
              return `${JSON.stringify({ signedPayload, sendAttempts })}\n`;
            })
            .join('')
        : `${testing.signNotification(buildSample(testing, name), chain).body}\n`;
    writeFileSync(FOLDER + name, text);
  }
}

/** What stands in the folder against what the builders make: one line for each difference. */
export function findDifferences(testing) {
  const missing = [ROOT_FILE, ...FILES].filter((name) => !existsSync(FOLDER + name));
  if (missing.length > 0) return missing.map((name) => `${name} is missing`);
  const root = new X509Certificate(readFileSync(FOLDER + ROOT_FILE));
  const samples = Object.keys(SAMPLES).flatMap((name) => {
    const { signedPayload } = JSON.parse(readFileSync(FOLDER + name, 'utf8'));
    return compare(name, signedPayload, buildSample(testing, name), root);
  });
  return [...samples, ...compareHistory(testing, root)];
}

function compareHistory(testing, root) {
  const lines = readFileSync(FOLDER + HISTORY_FILE, 'utf8')
    .trimEnd()
    .split('\n');
  const expected = buildHistory(testing);
  if (lines.length !== expected.length) return [`${HISTORY_FILE} has ${lines.length} lines, not ${expected.length}`];
  return lines.flatMap((line, index) => {
    const { signedPayload, sendAttempts } = JSON.parse(line);
    const where = `${HISTORY_FILE}:${index + 1}`;
    const differs = JSON.stringify(sendAttempts) !== JSON.stringify(expected[index].sendAttempts);
    return [
      ...(differs ? [`${where}: sendAttempts differ`] : []),
      ...compare(where, signedPayload, expected[index].built, root),
    ];
  });
}

function compare(where, signedPayload, built, root) {
  const { notification, ...nested } = built;
  const outer = openToken(signedPayload, root);
  const tokens = {
    transaction: takeToken(outer.payload.data, 'signedTransactionInfo', root),
    renewalInfo: takeToken(outer.payload.data, 'signedRenewalInfo', root),
    appTransaction: takeToken(outer.payload.appData, 'signedAppTransactionInfo', root),
  };
  const found = Object.entries(tokens).filter(([, token]) => token !== null);
  const content = {
    notification: outer.payload,
    ...Object.fromEntries(found.map(([name, token]) => [name, token.payload])),
  };
  const expected = JSON.parse(JSON.stringify({ notification, ...nested }));
  return [
    ...(digest(content) === digest(expected) ? [] : [`${where}: the content is not what the builders make now`]),
    ...[outer, ...found.map(([, token]) => token)].flatMap(({ defect }) =>
      defect === null ? [] : [`${where}: ${defect}`],
    ),
  ];
}

function takeToken(container, field, root) {
  const token = container?.[field];
  if (token === undefined) return null;
  delete container[field];
  return openToken(token, root);
}

/** Content of a token and what is wrong with its signature: written with node:crypto alone, to be a second opinion. */
function openToken(jws, root) {
  const [header, payload, signature] = jws.split('.');
  const { alg, x5c } = JSON.parse(Buffer.from(header, 'base64url'));
  const [leaf, intermediate, sent] = x5c.map((entry) => new X509Certificate(Buffer.from(entry, 'base64')));
  const isLinked =
    sent.fingerprint256 === root.fingerprint256 &&
    intermediate.checkIssued(root) &&
    intermediate.verify(root.publicKey) &&
    leaf.checkIssued(intermediate) &&
    leaf.verify(intermediate.publicKey);
  const key = { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' };
  const isSigned = verify('sha256', `${header}.${payload}`, key, Buffer.from(signature, 'base64url'));
  return {
    payload: JSON.parse(Buffer.from(payload, 'base64url')),
    defect:
      alg !== 'ES256' || !isSigned
        ? 'a signature does not hold'
        : isLinked
          ? null
          : `a chain is not under ${ROOT_FILE}`,
  };
}

function digest(value) {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(value)))
    .digest('hex');
}

function sortKeys(value) {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sortKeys(inner)]),
  );
}

async function openAuthority(testing, { all, authority: file }) {
  if (!all)
    return file !== undefined && existsSync(file)
      ? testing.importAuthority(JSON.parse(readFileSync(file, 'utf8')))
      : null;
  const made = await testing.createAuthority({
    nowMs: NOW_MS - 30 * DAY_MS,
    validForMs: VALID_FOR_MS,
    name: { CN: 'storewire TEST Samples Root', OU: 'storewire TEST', O: 'storewire' },
  });
  writeFileSync(FOLDER + ROOT_FILE, made.rootPem);
  if (file !== undefined) writeFileSync(file, JSON.stringify(testing.exportAuthority(made)), { mode: 0o600 });
  return made;
}

async function make(testing, options) {
  const all = options.all === true || !existsSync(FOLDER + ROOT_FILE);
  const files = all ? FILES : FILES.filter((name) => !existsSync(FOLDER + name));
  if (files.length === 0) return [0, 'Nothing is missing.'];
  const authority = await openAuthority(testing, { ...options, all });
  if (authority === null) {
    return [1, `Missing: ${files.join(', ')}. The key of ${ROOT_FILE} is not here: give --authority FILE, or --all.`];
  }
  writeSamples(testing, await authority.issueChain(), files);
  return [0, `Written: ${files.join(', ')}`];
}

function check(testing) {
  const differences = findDifferences(testing);
  return differences.length === 0 ? [0, `${FILES.length} files are as made.`] : [1, differences.join('\n')];
}

/** Exit code and what to say; `testing` is the module storewire/testing. */
export function run(testing, args) {
  const flags = { check: { type: 'boolean' }, all: { type: 'boolean' }, authority: { type: 'string' } };
  const { values } = parseArgs({ args, options: flags });
  return values.check ? check(testing) : make(testing, values);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [exitCode, text] = await run(await import('storewire/testing'), process.argv.slice(2));
  (exitCode === 0 ? console.log : console.error)(text);
  process.exitCode = exitCode;
}
