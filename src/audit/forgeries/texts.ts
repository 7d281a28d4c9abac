/** What several forgeries have in common: what they gain, how the hole is closed, and which check of Apple's libraries closes it. */
export const FORGE_ANYTHING =
  'Anyone can write any notification: purchases that were never paid, renewals for ever, refunds and revocations for your customers.';

export const OTHER_CERTIFICATES =
  'Holders of other certificates from the same root, such as any member of a developer programme, can sign notifications.';

export const LIBRARY_FIX = "Apple's App Store Server Library does it: SignedDataVerifier.verifyAndDecodeNotification.";

export const ANCHOR_FIX = `Trust starts at your own copy of Apple Root CA - G3, never at a certificate in the token. ${LIBRARY_FIX}`;

export const LINK_FIX = `Check each signature in the chain with the key of the next certificate, up to your own copy of the root: names prove nothing. ${LIBRARY_FIX}`;

export const SIGNATURE_FIX = `Verify the signature over header and payload with the key of the leaf before anything in it is used. ${LIBRARY_FIX}`;

export const ALGORITHM_FIX =
  "Allow ES256 alone, as a fixed list ({ algorithms: ['ES256'] }): never let a token choose how it is checked.";

export const CHAIN_CHECK =
  'SignedDataVerifier builds the chain up to the roots it was given and looks at no other (VERIFICATION_FAILURE; java INVALID_CHAIN).';

export const LENGTH_CHECK =
  'SignedDataVerifier takes exactly three certificates (INVALID_CHAIN_LENGTH; node INVALID_CERTIFICATE, swift INVALID_JWT_FORMAT).';

export const X5C_CHECK =
  'SignedDataVerifier takes its key from x5c alone (VERIFICATION_FAILURE; node INVALID_CERTIFICATE, swift INVALID_JWT_FORMAT).';

export const DATES_CHECK =
  'SignedDataVerifier compares the dates of leaf, intermediate and root with the signed date (node INVALID_CERTIFICATE; others as a bad chain).';

export const SIGNATURE_CHECK =
  'SignedDataVerifier verifies the signature with the key of the leaf last of all (VERIFICATION_FAILURE; swift INVALID_JWT_FORMAT).';

export const ALGORITHM_CHECK =
  'python, java and swift insist on ES256; node gives jsonwebtoken an EC key, with which it takes ECDSA only (VERIFICATION_FAILURE; swift INVALID_JWT_FORMAT).';

export const APP_CHECK =
  'SignedDataVerifier compares bundle id, and in Production the app Apple ID, with its own (INVALID_APP_IDENTIFIER).';

export const KIND_CHECK =
  'verifyAndDecodeNotification finds no bundle id where a notification has one (INVALID_APP_IDENTIFIER).';

export const ENVIRONMENT_CHECK =
  'A SignedDataVerifier made for Production or Sandbox verifies every signature, and takes its own environment only (INVALID_ENVIRONMENT).';
