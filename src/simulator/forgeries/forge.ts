import { ToolError } from '../../errors.js';
import { stringifyJson } from '../../jws/json.js';
import { REASONS, type ReasonCode } from '../../notification/reasons.js';
import { type Authority, createAuthority } from '../authority/authority.js';
import { parseCertificateName } from '../authority/certificate.js';
import type { ChainOptions, SigningChain } from '../authority/chain.js';
import { signNotification } from '../authority/sign-payload.js';
import type { AppEnvironment } from '../payloads/app.js';
import { buildNotification, type NotificationOptions } from '../payloads/notification.js';
import { appOf } from '../payloads/options.js';
import { FORGERIES, type ForgeryNeeds, type Workshop } from './forgeries.js';

/** What a forgery starts from: the options of a notification, whose type is DID_RENEW where left out. */
export interface ForgeOptions extends Omit<NotificationOptions, 'type'> {
  readonly type?: string;
  readonly authority: Authority;
  /** For CERTIFICATE_REVOKED and REVOCATION_UNKNOWN: the responders that the certificates name. */
  readonly ocspUrls?: NonNullable<ChainOptions['ocspUrls']>;
}

/** A payload with one defect, and what a verifier must be told to see it. */
export interface Forgery {
  readonly reason: ReasonCode;
  /** What was changed in the good payload, in words. */
  readonly changed: string;
  /** The forged JWS; for LEGACY_V1, which is no JWS, the JSON body. */
  readonly signedPayload: string;
  /** What to post: `{"signedPayload":"…"}`, or the version 1 body. */
  readonly body: string;
  /** The good payload it was made from: the same content under a good chain of the same authority. */
  readonly good: string;
  /** What the verifier must be told; empty where it sees the defect by itself. */
  readonly needs: ForgeryNeeds;
  /** The good chain; for CERTIFICATE_REVOKED and REVOCATION_UNKNOWN the one whose responders are to be asked. */
  readonly chain: SigningChain;
}

/**
 * Makes a payload that fails for exactly the reason given, by changing one thing in a good one. All else is in order:
 * where the defect is not the signature, the changed payload is correctly signed again.
 * Throws (usage) `ERR_SIMULATOR_OCSP_URL` for CERTIFICATE_REVOKED without `ocspUrls`, `ERR_SIMULATOR_NOT_NESTED` for
 * NESTED_MISMATCH of a type without nested tokens, and what `buildNotification` throws.
 */
export async function forge(reason: ReasonCode, options: ForgeOptions): Promise<Forgery> {
  const workshop = await openWorkshop(reason, options);
  const forged = await FORGERIES[reason](workshop);
  return {
    reason,
    changed: forged.changed,
    signedPayload: forged.signedPayload,
    body: reason === 'LEGACY_V1' ? forged.signedPayload : stringifyJson({ signedPayload: forged.signedPayload }),
    good: workshop.good.signedPayload,
    needs: forged.needs ?? {},
    chain: workshop.chain,
  };
}

/** Every reason a forgery can be made for: all of them. */
export const FORGEABLE_REASONS = Object.keys(REASONS) as readonly ReasonCode[];

async function openWorkshop(reason: ReasonCode, options: ForgeOptions): Promise<Workshop> {
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
    issueUnderStranger: () => strangerChain(authority),
  };
}

/** An app Apple ID decides in Production only. */
function environmentFor(reason: ReasonCode, asked: AppEnvironment | undefined): AppEnvironment {
  return reason === 'APP_APPLE_ID_MISMATCH' ? 'Production' : (asked ?? 'Sandbox');
}

/** A port on which nothing listens: RFC 863's discard service, long gone from every machine. */
const NOBODY = 'http://127.0.0.1:9/ocsp';

function ocspUrlsFor(reason: ReasonCode, { ocspUrls }: ForgeOptions): ChainOptions['ocspUrls'] {
  if (reason === 'REVOCATION_UNKNOWN') return ocspUrls ?? { leaf: NOBODY, intermediate: NOBODY };
  if (reason !== 'CERTIFICATE_REVOKED' || ocspUrls !== undefined) return ocspUrls;
  throw new ToolError('usage', 'ERR_SIMULATOR_OCSP_URL', 'A revoked certificate needs a responder that says so.', {
    hint: 'Give ocspUrls: the addresses of an OCSP responder for the leaf and for the intermediate.',
  });
}

const DAY_MS = 86_400_000;

/** A chain like the authority's, names and dates included, under a root nobody trusts. */
async function strangerChain({ root }: Authority): Promise<SigningChain> {
  const fromMs = Date.parse(root.validFrom);
  const stranger = await createAuthority({
    nowMs: fromMs + DAY_MS,
    validForMs: Date.parse(root.validTo) - fromMs - DAY_MS,
    name: parseCertificateName(root.subject),
  });
  return stranger.issueChain();
}
