import { ToolError } from '../../errors.js';
import { stringifyJson } from '../../jws/json.js';
import type { ForgeableReason } from '../../notification/reasons.js';
import { type Authority, createAuthority } from '../authority/authority.js';
import { parseCertificateName } from '../authority/certificate.js';
import type { ChainOptions, SigningChain } from '../authority/chain.js';
import { signNotification } from '../authority/sign-payload.js';
import type { AppEnvironment } from '../payloads/app.js';
import { buildNotification, type NotificationOptions } from '../payloads/notification.js';
import { appOf } from '../payloads/options.js';
import { FORGERIES, type ForgeryContext, type ForgeryNeeds } from './forgeries.js';

export { FORGEABLE_REASONS } from '../../notification/reasons.js';

/** Options of the valid notification that the forgery is made from. Default type: DID_RENEW. */
export interface ForgeOptions extends Omit<NotificationOptions, 'type'> {
  readonly type?: string;
  readonly authority: Authority;
  /** OCSP responder URLs of the certificates, for CERTIFICATE_REVOKED and REVOCATION_UNKNOWN. */
  readonly ocspUrls?: NonNullable<ChainOptions['ocspUrls']>;
}

/** A payload with one defect, and the verifier options that reveal it. */
export interface Forgery {
  readonly reason: ForgeableReason;
  /** Description of the change. */
  readonly changed: string;
  /** Forged JWS; for LEGACY_V1 the JSON body. */
  readonly signedPayload: string;
  /** Request body: `{"signedPayload":"…"}`, or the version 1 body. */
  readonly body: string;
  /** Valid JWS of the original payload, signed by the same authority. */
  readonly good: string;
  /** Verifier options that reveal the defect; empty if none are needed. */
  readonly needs: ForgeryNeeds;
  /** Chain of the valid JWS; for CERTIFICATE_REVOKED and REVOCATION_UNKNOWN it names the OCSP responders. */
  readonly chain: SigningChain;
}

/**
 * Creates a payload that fails verification for exactly the given reason, by one change to a valid one. Everything else
 * stays valid: unless the signature is the defect, the changed payload is signed again.
 * Throws (usage) `ERR_SIMULATOR_OCSP_URL` for CERTIFICATE_REVOKED without `ocspUrls`, `ERR_SIMULATOR_NOT_NESTED` for
 * NESTED_MISMATCH of a type without nested tokens, and the errors of `buildNotification`.
 */
export async function forge(reason: ForgeableReason, options: ForgeOptions): Promise<Forgery> {
  const context = await createContext(reason, options);
  const forged = await FORGERIES[reason](context);
  return {
    reason,
    changed: forged.changed,
    signedPayload: forged.signedPayload,
    body: reason === 'LEGACY_V1' ? forged.signedPayload : stringifyJson({ signedPayload: forged.signedPayload }),
    good: context.good.signedPayload,
    needs: forged.needs ?? {},
    chain: context.chain,
  };
}

async function createContext(reason: ForgeableReason, options: ForgeOptions): Promise<ForgeryContext> {
  const { authority } = options;
  const event: NotificationOptions = {
    ...options,
    type: options.type ?? 'DID_RENEW',
    environment: environmentFor(reason, options.environment),
  };
  const ocspUrls = ocspUrlsFor(reason, options);
  const chain = await authority.issueChain(ocspUrls && { ocspUrls });
  const built = buildNotification(event);
  return {
    event,
    app: appOf(event),
    built,
    chain,
    good: signNotification(built, chain),
    issueChain: (overrides) => authority.issueChain(overrides),
    issueUnderOtherRoot: () => chainUnderOtherRoot(authority),
  };
}

/** Verifiers check the app Apple ID in Production only. */
function environmentFor(reason: ForgeableReason, requested: AppEnvironment | undefined): AppEnvironment {
  return reason === 'APP_APPLE_ID_MISMATCH' ? 'Production' : (requested ?? 'Sandbox');
}

/** Port 9 (RFC 863 discard service): no current system listens on it. */
const UNREACHABLE_URL = 'http://127.0.0.1:9/ocsp';

function ocspUrlsFor(reason: ForgeableReason, { ocspUrls }: ForgeOptions): ChainOptions['ocspUrls'] {
  if (reason === 'REVOCATION_UNKNOWN') return ocspUrls ?? { leaf: UNREACHABLE_URL, intermediate: UNREACHABLE_URL };
  if (reason !== 'CERTIFICATE_REVOKED' || ocspUrls !== undefined) return ocspUrls;
  throw new ToolError('usage', 'ERR_SIMULATOR_OCSP_URL', 'CERTIFICATE_REVOKED needs an OCSP responder', {
    hint: 'Set ocspUrls: the URLs of an OCSP responder for the leaf and the intermediate.',
  });
}

const DAY_MS = 86_400_000;

/** A chain with the authority's names and dates under another, untrusted root. */
async function chainUnderOtherRoot({ root }: Authority): Promise<SigningChain> {
  const fromMs = Date.parse(root.validFrom);
  const other = await createAuthority({
    nowMs: fromMs + DAY_MS,
    validForMs: Date.parse(root.validTo) - fromMs - DAY_MS,
    name: parseCertificateName(root.subject),
  });
  return other.issueChain();
}
