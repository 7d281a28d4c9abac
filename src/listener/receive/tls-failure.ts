/** What the codes of OpenSSL mean for whoever runs the endpoint. */
const MEANINGS: readonly (readonly [code: RegExp, meaning: string])[] = [
  [/HTTP_REQUEST/, 'plain HTTP was spoken where TLS is: the URL is to begin with https://'],
  [
    /UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|WRONG_VERSION|PROTOCOL_VERSION/,
    'the peer offers no TLS of version 1.2 or newer',
  ],
  [/ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_)/, 'the peer does not accept the certificate of this endpoint'],
  [/NO_SHARED_CIPHER|HANDSHAKE_FAILURE/, 'the peer and this endpoint have no cipher in common'],
  [/HANDSHAKE_TIMEOUT/, 'the TLS handshake was not complete in time'],
  [/^ERR_SSL_|^EPROTO$/, 'the TLS handshake failed'],
];

/** A handshake that failed, in words; null where the peer just went away, as whoever looks for open ports does. */
export function describeTlsFailure(code: string | undefined): string | null {
  return MEANINGS.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? null;
}

/** Why a certificate and its key cannot be used, in words, from the code of what Node throws. */
export function describeUnusableFiles(code: string | undefined): string {
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key belongs to another certificate';
  if (/PASSPHRASE|BAD_DECRYPT|INTERRUPTED_OR_CANCELLED/.test(code ?? '')) return 'the key needs a passphrase';
  if (/PEM|DECODER|ERR_OSSL_UNSUPPORTED/.test(code ?? '')) return 'they are not both PEM';
  return code ?? 'TLS does not take them';
}
