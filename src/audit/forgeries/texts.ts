/** Impact, fix and library check, shared by several forgeries. */
export const FORGE_ANYTHING =
  'Anyone can forge any notification: purchases never paid for, endless renewals, refunds and revocations for your customers.';

export const OTHER_CERTIFICATES =
  'Holders of other certificates under the same root, such as any developer programme member, can sign notifications.';

export const LIBRARY_FIX =
  "Apple's App Store Server Library does this: SignedDataVerifier.verifyAndDecodeNotification.";

export const ANCHOR_FIX = `Trust your own copy of Apple Root CA - G3, never a certificate in the token. ${LIBRARY_FIX}`;

export const LINK_FIX = `Verify each certificate's signature with the key of its issuer, up to your own copy of the root; comparing names is not enough. ${LIBRARY_FIX}`;

export const SIGNATURE_FIX = `Verify the signature over header and payload with the leaf's key before using the payload. ${LIBRARY_FIX}`;

export const ALGORITHM_FIX =
  "Allow only ES256, as a fixed list ({ algorithms: ['ES256'] }): never let a token choose its algorithm.";

export const CHAIN_CHECK =
  'SignedDataVerifier builds the chain up to the configured roots only (VERIFICATION_FAILURE; java INVALID_CHAIN).';

export const LENGTH_CHECK =
  'SignedDataVerifier accepts exactly three certificates (INVALID_CHAIN_LENGTH; node INVALID_CERTIFICATE, swift INVALID_JWT_FORMAT).';

export const X5C_CHECK =
  'SignedDataVerifier takes its key from x5c only (VERIFICATION_FAILURE; node INVALID_CERTIFICATE, swift INVALID_JWT_FORMAT).';

export const DATES_CHECK =
  'SignedDataVerifier compares the dates of leaf, intermediate and root with the signed date (node INVALID_CERTIFICATE; others as a bad chain).';

export const SIGNATURE_CHECK =
  'SignedDataVerifier verifies the signature with the leaf key after the chain (VERIFICATION_FAILURE; swift INVALID_JWT_FORMAT).';

export const ALGORITHM_CHECK =
  'python, java and swift require ES256; node passes an EC key to jsonwebtoken, which then accepts ECDSA only (VERIFICATION_FAILURE; swift INVALID_JWT_FORMAT).';

export const APP_CHECK =
  'SignedDataVerifier compares bundle id, and in Production the app Apple ID, with the configured values (INVALID_APP_IDENTIFIER).';

export const KIND_CHECK =
  'verifyAndDecodeNotification finds no bundle id in a payload that is no notification (INVALID_APP_IDENTIFIER).';

export const ENVIRONMENT_CHECK =
  'A SignedDataVerifier for Production or Sandbox verifies every signature and accepts its own environment only (INVALID_ENVIRONMENT).';
