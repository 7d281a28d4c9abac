/** Why a certificate was refused, by Node's code. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate, or one above it, has expired',
  CERT_NOT_YET_VALID: 'the certificate, or one above it, is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in a root that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the chain is incomplete, or its root is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the chain is incomplete, or its root is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the chain is incomplete, or its root is not trusted: the certificate came alone',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
};

/** Why there was no session, by OpenSSL's own words. */
const SESSION: Readonly<Record<string, string>> = {
  'wrong version number': 'what listens there does not speak TLS',
  'packet length too long': 'what listens there does not speak TLS',
  'unsupported protocol': 'the server offers no TLS 1.2 or newer',
  'tlsv1 alert protocol version': 'the server offers no TLS 1.2 or newer',
  'sslv3 alert handshake failure':
    'the server refused the handshake: no cipher in common, or it asks for a client certificate',
  'tlsv13 alert certificate required': 'the server asks for a client certificate',
  'tlsv1 unrecognized name': 'the server has no certificate for this host name',
  'tlsv1 alert no application protocol': 'the server does not speak HTTP/1.1',
};

/** `error:0A00010B:SSL routines:ssl3_get_record:wrong version number:file:line`, as OpenSSL 3 writes it; Node calls it EPROTO. */
const OPENSSL_MESSAGE = /:SSL routines:[^:]*:([^:]+):/;

/** What was wrong with TLS, in words, with the code to look for. Pure. */
export function describeTlsDefect(code: string, message: string): string {
  const words =
    OPENSSL_MESSAGE.exec(message)?.[1] ??
    code
      .replace(/^ERR_SSL_/, '')
      .replaceAll('_', ' ')
      .toLowerCase();
  const known = CERTIFICATE[code] ?? SESSION[words];
  const shown = code === 'EPROTO' ? words : code || message;
  return known === undefined ? `TLS failed (${shown})` : `${known} (${shown})`;
}
