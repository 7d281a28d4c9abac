import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { ToolError } from '../../errors.js';
import { type CertificateName, makeCertificate } from './certificate.js';
import { type ChainOptions, issueChain, type SigningChain } from './chain.js';

/** Options of {@link createAuthority}. */
export interface AuthorityOptions {
  /** Current time in milliseconds. The root is valid from a day before, because clocks differ. */
  readonly nowMs: number;
  /** Validity of the root from `nowMs` on, in milliseconds. Default: one year. */
  readonly validForMs?: number;
  /** Name of the root. Default: `storewire TEST Root`. */
  readonly name?: CertificateName;
}

/** A test certificate authority. Payloads it signs are trusted only by verifiers that are given `rootPem`. */
export interface Authority {
  readonly root: X509Certificate;
  readonly rootPem: string;
  /** Private key of the root, P-384. */
  readonly key: KeyObject;
  /** Issues an intermediate and a leaf with Apple's marker extensions and fresh keys, valid as long as the root. */
  issueChain(options?: ChainOptions): Promise<SigningChain>;
}

/** Certificate as PEM and private key as PKCS#8 PEM. A secret. */
export interface ExportedAuthority {
  readonly rootPem: string;
  readonly keyPem: string;
}

const ROOT_NAME: CertificateName = { CN: 'storewire TEST Root', OU: 'storewire TEST', O: 'storewire' };

const DAY_MS = 86_400_000;

const YEAR_MS = 365 * DAY_MS;

/** Creates a root certificate with a fresh key: P-384, ECDSA with SHA-384, as Apple Root CA - G3. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const name = options.name ?? ROOT_NAME;
  const root = await makeCertificate({
    subject: name,
    issuer: name,
    publicKey,
    signingKey: privateKey,
    hash: 'sha384',
    notBeforeMs: options.nowMs - DAY_MS,
    notAfterMs: options.nowMs + (options.validForMs ?? YEAR_MS),
    extensions: { isCa: true, keyUsage: 'certSign' },
  });
  return toAuthority(root, privateKey);
}

/** Exports the authority, private key included, for {@link importAuthority}. */
export function exportAuthority(authority: Authority): ExportedAuthority {
  return {
    rootPem: authority.rootPem,
    keyPem: authority.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Imports the result of {@link exportAuthority}. Throws `ERR_AUTHORITY_UNREADABLE` (usage) unless it is a root and its key. */
export function importAuthority(exported: ExportedAuthority): Authority {
  const { root, key } = parseAuthority(exported);
  if (!root.checkPrivateKey(key)) throw unreadable('the private key does not match the root certificate');
  // A damaged certificate may still parse here, and not where a chain is issued.
  if (!root.verify(root.publicKey)) throw unreadable('the root certificate is damaged: its signature is not valid');
  return toAuthority(root, key);
}

function parseAuthority({ rootPem, keyPem }: ExportedAuthority) {
  try {
    return { root: new X509Certificate(rootPem), key: createPrivateKey(keyPem) };
  } catch (cause) {
    throw unreadable('the root certificate or private key is not PEM', cause);
  }
}

function unreadable(defect: string, cause?: unknown): ToolError {
  return new ToolError('usage', 'ERR_AUTHORITY_UNREADABLE', `cannot read the test authority: ${defect}`, {
    hint: 'Delete it to create a new authority, then replace its root wherever the old one is trusted.',
    cause,
  });
}

function toAuthority(root: X509Certificate, key: KeyObject): Authority {
  return {
    root,
    rootPem: root.toString(),
    key,
    issueChain: (options = {}) => issueChain({ certificate: root, key }, options),
  };
}
