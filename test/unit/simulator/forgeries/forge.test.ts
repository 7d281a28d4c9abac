import { verify, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../../src/jws/json.js';
import { REASON_STATUSES } from '../../../../src/notification/catalogue/reason-statuses.js';
import { type ForgeableReason, REASONS } from '../../../../src/notification/reasons.js';
import { type Authority, createAuthority } from '../../../../src/simulator/authority/authority.js';
import {
  FORGEABLE_REASONS,
  type ForgeOptions,
  type Forgery,
  forge,
} from '../../../../src/simulator/forgeries/forge.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { APP, appleStatus, appleVerifier } from '../authority/apple.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9);
const OCSP_URLS = { leaf: 'http://127.0.0.1:9/leaf', intermediate: 'http://127.0.0.1:9/intermediate' };

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority({ nowMs: NOW_MS });
});

const make = (reason: ForgeableReason, options: Partial<ForgeOptions> = {}) =>
  forge(reason, { ...APP, authority, nowMs: NOW_MS, random: seededRandom(reason), ocspUrls: OCSP_URLS, ...options });

/** Decodes a token and, in place, its nested tokens. */
function open(jws: string): JsonObject {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  return { header: decode(header), payload: openNested(decode(payload)), signature: isSigned(jws) && signature !== '' };
}

function decode(segment: string): Json {
  return parseJson(Buffer.from(segment, 'base64url').toString());
}

function openNested(value: Json): Json {
  if (typeof value === 'string' && value.startsWith('eyJ')) return open(value);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, openNested(inner ?? null)]));
}

/** True if the signature is ES256 by the first certificate of the header, or that certificate is unreadable. */
function isSigned(jws: string): boolean {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const { x5c } = decode(header) as { x5c?: string[] };
  const key = x5c?.[0] === undefined ? null : readKey(x5c[0]);
  if (key === null) return true;
  const raw = Buffer.from(signature, 'base64url');
  return verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, raw);
}

function readKey(base64: string) {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).publicKey;
  } catch {
    return null;
  }
}

/** Paths at which two values differ. */
function differences(one: Json | undefined, other: Json | undefined, path = ''): string[] {
  if (isJsonObject(one) && isJsonObject(other)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].flatMap((name) => differences(one[name], other[name], path === '' ? name : `${path}.${name}`));
  }
  return JSON.stringify(one) === JSON.stringify(other) ? [] : [path];
}

const DATA = 'payload.data';
const TRANSACTION = `${DATA}.signedTransactionInfo.payload`;
const RENEWAL_INFO = `${DATA}.signedRenewalInfo.payload`;

/** Every path at which a forgery differs from the valid payload. */
const CHANGED: Partial<Record<ForgeableReason, readonly string[]>> = {
  MALFORMED_JWS: ['signature'],
  UNSUPPORTED_ALGORITHM: ['header.alg'],
  MALFORMED_PAYLOAD: ['payload.version'],
  CHAIN_MISSING: ['header.x5c'],
  CHAIN_LENGTH: ['header.x5c'],
  CERTIFICATE_UNREADABLE: ['header.x5c'],
  UNTRUSTED_ROOT: ['header.x5c'],
  CHAIN_BROKEN: ['header.x5c'],
  MISSING_MARKER_OID: ['header.x5c'],
  CERTIFICATE_EXPIRED: ['header.x5c'],
  CERTIFICATE_NOT_YET_VALID: ['header.x5c'],
  CERTIFICATE_REVOKED: [],
  REVOCATION_UNKNOWN: [],
  SIGNATURE_MISMATCH: ['payload.notificationUUID', 'signature'],
  BUNDLE_ID_MISMATCH: [`${DATA}.bundleId`, `${TRANSACTION}.bundleId`],
  APP_APPLE_ID_MISMATCH: [`${DATA}.appAppleId`],
  ENVIRONMENT_MISMATCH: [`${DATA}.environment`, `${TRANSACTION}.environment`, `${RENEWAL_INFO}.environment`],
  AMBIGUOUS_APP: [DATA, 'payload.evenNewerData', 'payload.newerData'],
  NESTED_MISMATCH: [`${TRANSACTION}.bundleId`],
  XCODE_SIGNED: ['header.kid', 'header.typ', 'header.x5c'],
};

describe('forge', () => {
  it.each(Object.entries(CHANGED))('%s makes one change and signs again', async (reason, changed) => {
    const { good, signedPayload } = await make(reason as ForgeableReason);
    expect(differences(open(good), open(signedPayload)).sort()).toEqual([...changed].sort());
  });

  it('makes a forgery for every reason', async () => {
    const forgeries = await Promise.all(FORGEABLE_REASONS.map((reason) => make(reason)));
    expect(forgeries.map(({ reason }) => reason)).toEqual(
      Object.keys(REASONS).filter((reason) => reason !== 'INTERNAL_ERROR'),
    );
    for (const { changed, chain } of forgeries) {
      expect(changed).toMatch(/\w/);
      expect(chain.root.raw).toEqual(authority.root.raw);
    }
  });

  it('replaces the notification with a valid transaction for WRONG_KIND', async () => {
    const { good, signedPayload, needs } = await make('WRONG_KIND');
    const inner = (open(good).payload as Record<string, JsonObject>).data?.signedTransactionInfo as JsonObject;
    expect(open(signedPayload)).toEqual(inner);
    expect(needs).toEqual({ kind: 'notification' });
  });

  it('makes a version 1 body for LEGACY_V1', async () => {
    const { body, signedPayload } = await make('LEGACY_V1');
    expect(body).toBe(signedPayload);
    expect(JSON.parse(body)).toMatchObject({ notification_type: 'DID_RENEW', unified_receipt: { status: 0 } });
    expect(JSON.parse(body)).not.toHaveProperty('signedPayload');
  });

  it('puts the forged payload into the body', async () => {
    const { body, signedPayload } = await make('CHAIN_LENGTH');
    expect(JSON.parse(body)).toEqual({ signedPayload });
  });

  it('names the responders in the certificates for CERTIFICATE_REVOKED', async () => {
    const { chain } = await make('CERTIFICATE_REVOKED');
    expect(chain.leaf.infoAccess).toContain(OCSP_URLS.leaf);
    expect(chain.intermediate.infoAccess).toContain(OCSP_URLS.intermediate);
  });

  it.each([
    {
      what: 'a revoked certificate without a responder',
      forging: () => forge('CERTIFICATE_REVOKED', { authority, nowMs: NOW_MS, random: seededRandom('x') }),
      code: 'ERR_SIMULATOR_OCSP_URL',
    },
    {
      what: 'a nested mismatch of TEST',
      forging: () => make('NESTED_MISMATCH', { type: 'TEST' }),
      code: 'ERR_SIMULATOR_NOT_NESTED',
    },
    { what: 'an unknown type', forging: () => make('CHAIN_LENGTH', { type: 'NO' }), code: 'ERR_SIMULATOR_EVENT' },
  ])('refuses $what', async ({ forging, code }) => {
    await expect(forging()).rejects.toMatchObject({ code, kind: 'usage' });
  });

  it.each(['TEST', 'RESCIND_CONSENT', 'UNCLAIM_SEATS'])(
    'makes a forgery of %s for every applicable reason',
    async (type) => {
      const reasons = FORGEABLE_REASONS.filter((reason) => type === 'RESCIND_CONSENT' || reason !== 'NESTED_MISMATCH');
      const forgeries = await Promise.all(reasons.map((reason) => make(reason, { type })));
      const same = forgeries.filter(({ good, signedPayload }) => good === signedPayload).map(({ reason }) => reason);
      expect(same).toEqual(['CERTIFICATE_REVOKED', 'REVOCATION_UNKNOWN']);
    },
  );

  it('changes the environment of an external purchase token by the prefix of its id', async () => {
    const token = { type: 'EXTERNAL_PURCHASE_TOKEN', subtype: 'UNREPORTED' };
    const { good, signedPayload } = await make('ENVIRONMENT_MISMATCH', token);
    expect(differences(open(good), open(signedPayload))).toEqual(['payload.externalPurchaseToken.externalPurchaseId']);
  });
});

describe("Apple's library gives the status that the table of reasons names", () => {
  const statusesOf = ({ signedPayload, good }: Forgery, root: Uint8Array, online: boolean) => {
    const environment = (open(good).payload as { data: { environment: 'Production' | 'Sandbox' } }).data.environment;
    const verifier = appleVerifier(root, environment, online);
    return [good, signedPayload].map((jws) => appleStatus(verifier.verifyAndDecodeNotification(jws)));
  };
  const offline = FORGEABLE_REASONS.flatMap((reason) => {
    const { node } = REASON_STATUSES[reason];
    return node === null || REASONS[reason].check.startsWith('revocation') ? [] : [{ reason, status: node }];
  });

  it.each(offline)('$reason: $status', async ({ reason, status }) => {
    const [good, forged] = statusesOf(await make(reason), authority.root.raw, false);
    expect([await good, await forged]).toEqual(['OK', status]);
  });

  it('REVOCATION_UNKNOWN: RETRYABLE_VERIFICATION_FAILURE with online checks', async () => {
    const present = await createAuthority({ nowMs: Date.now() });
    const forgery = await make('REVOCATION_UNKNOWN', { authority: present, nowMs: Date.now() });
    const [, forged] = statusesOf(forgery, present.root.raw, true);
    expect(await forged).toBe(REASON_STATUSES.REVOCATION_UNKNOWN.node);
  });
});
