import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { ToolError } from '../../errors.js';
import { type CertificateName, makeCertificate } from './certificate.js';
import { type ChainOptions, issueChain, type SigningChain } from './chain.js';

export interface AuthorityOptions {
  /** The present, in milliseconds: the root is valid from a day before it, since clocks differ. */
  readonly nowMs: number;
  /** Milliseconds the root is valid for, from `nowMs` on; a year where left out. */
  readonly validForMs?: number;
  /** Name of the root; `storewire TEST Root` where left out. */
  readonly name?: CertificateName;
}

/** A root of one's own. What it signs is believed only where somebody trusts `rootPem`. */
export interface Authority {
  readonly root: X509Certificate;
  readonly rootPem: string;
  /** The root's private key, P-384. */
  readonly key: KeyObject;
  /** Issues an intermediate and a leaf with Apple's marker extensions and fresh keys, valid as long as the root. */
  issueChain(options?: ChainOptions): Promise<SigningChain>;
}

/** An authority as text: the certificate as PEM, the private key as PKCS#8 PEM. A secret. */
export interface ExportedAuthority {
  readonly rootPem: string;
  readonly keyPem: string;
}

const ROOT_NAME: CertificateName = { CN: 'storewire TEST Root', OU: 'storewire TEST', O: 'storewire' };

const DAY_MS = 86_400_000;

const YEAR_MS = 365 * DAY_MS;

/** Makes a root certificate (P-384, ECDSA with SHA-384, as Apple Root CA - G3) with a fresh key. */
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
  return authorityOf(root, privateKey);
}

/** The authority as text, to be kept and read again with {@link importAuthority}. Holds the private key. */
export function exportAuthority(authority: Authority): ExportedAuthority {
  return {
    rootPem: authority.rootPem,
    keyPem: authority.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Reads what {@link exportAuthority} wrote. Throws `ERR_AUTHORITY_UNREADABLE` (usage) where it is not a root and its key. */
export function importAuthority(exported: ExportedAuthority): Authority {
  const { root, key } = parseAuthority(exported);
  if (root.checkPrivateKey(key)) return authorityOf(root, key);
  throw unreadable('the key is not the key of its root certificate');
}

function parseAuthority({ rootPem, keyPem }: ExportedAuthority) {
  try {
    return { root: new X509Certificate(rootPem), key: createPrivateKey(keyPem) };
  } catch (cause) {
    throw unreadable('its root certificate or key is not PEM', cause);
  }
}

function unreadable(defect: string, cause?: unknown): ToolError {
  return new ToolError('usage', 'ERR_AUTHORITY_UNREADABLE', `The test authority cannot be read: ${defect}.`, {
    hint: 'Delete it and have a new one made; what trusts the old root must then be given the new one.',
    cause,
  });
}

function authorityOf(root: X509Certificate, key: KeyObject): Authority {
  return {
    root,
    rootPem: root.toString(),
    key,
    issueChain: (options = {}) => issueChain({ certificate: root, key }, options),
  };
}
