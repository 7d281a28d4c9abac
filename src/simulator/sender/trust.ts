import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/** Reading the hundred and more roots takes some 15 ms, so it is done once for each list of further ones. */
const CONTEXTS = new WeakMap<readonly string[], SecureContext>();
const NO_MORE: readonly string[] = [];

/**
 * TLS 1.2 or newer with the public roots that Node brings, and `ca` (PEM) beside them. Which roots Apple trusts is not documented [U];
 * Node's are Mozilla's, the nearest to it. NODE_EXTRA_CA_CERTS and Node's flags do not count: Apple would not know them.
 */
export function secureContextFor(ca: readonly string[] = NO_MORE): SecureContext {
  const made =
    CONTEXTS.get(ca) ??
    createSecureContext({ ca: [...rootCertificates, ...ca], minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
  CONTEXTS.set(ca, made);
  return made;
}
