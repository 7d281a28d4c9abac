import type { StepOutcome } from '../step.js';

export const TLS_TITLES = {
  'tls.connect': 'connection',
  'tls.handshake': 'TLS handshake',
  'tls.client-certificate': 'client certificate',
  'tls.version': 'TLS versions',
  'tls.alpn': 'protocol (ALPN)',
  'tls.self-signed': 'certificate issuer',
  'tls.chain': 'certificate chain',
  'tls.hostname': 'certificate host name',
  'tls.expiry': 'certificate validity',
  'tls.key': 'key and signature',
  'tls.sni': 'server name (SNI)',
} as const;

export type TlsId = keyof typeof TLS_TITLES;

/** In display order. */
export const TLS_IDS = Object.keys(TLS_TITLES) as readonly TlsId[];

/** Steps about certificates. */
export type CertificateStepId = 'tls.self-signed' | 'tls.chain' | 'tls.hostname' | 'tls.expiry' | 'tls.key';

/** Outcome of every TLS step at one address. */
export type Findings = Readonly<Record<TlsId, StepOutcome>>;
