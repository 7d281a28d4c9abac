import type { Looked } from '../step.js';

export const TLS_TITLES = {
  'tls.connect': 'connection',
  'tls.handshake': 'TLS session',
  'tls.client-certificate': 'client certificate',
  'tls.version': 'versions of TLS',
  'tls.alpn': 'protocol (ALPN)',
  'tls.self-signed': 'issued by an authority',
  'tls.chain': 'chain of certificates',
  'tls.hostname': 'name in the certificate',
  'tls.expiry': 'dates of the certificate',
  'tls.key': 'key and signature',
  'tls.sni': 'server name (SNI)',
} as const;

export type TlsId = keyof typeof TLS_TITLES;

/** In the order they are shown. */
export const TLS_IDS = Object.keys(TLS_TITLES) as readonly TlsId[];

/** The steps that look at the certificates. */
export type CertificateId = 'tls.self-signed' | 'tls.chain' | 'tls.hostname' | 'tls.expiry' | 'tls.key';

/** What was found at one address. */
export type Findings = Readonly<Record<TlsId, Looked>>;
