import type { Mutation } from './case.js';
import { appAndEnvironment, containers } from './mutations/app-and-environment.js';
import { certificateBits, certificateBitsUnsigned, signedCertificateBits } from './mutations/certificate-bits.js';
import { chains } from './mutations/chain.js';
import { algorithmConfusion, headerFields } from './mutations/header.js';
import { moments, outerMoments } from './mutations/moments.js';
import { misplacedTokens, nestedTokens } from './mutations/nested-tokens.js';
import { documentedFields } from './mutations/payload-fields.js';
import { kindConfusion, payloadTexts } from './mutations/payload-text.js';
import { otherKeys, reissuedCertificates } from './mutations/reissued-certificates.js';
import { signatures } from './mutations/signature.js';
import { decodedBytes, tokenCharacters, tokenForm } from './mutations/token-text.js';
import { foreignChains, untouched } from './mutations/untouched.js';

/** Every class of mutations, by the name a failure is told under. */
export const MUTATIONS = {
  'nothing changed': untouched,
  'characters of a token': tokenCharacters,
  'bytes of header and payload, signed again': decodedBytes,
  'form of a token': tokenForm,
  signature: signatures,
  'fields of the header': headerFields,
  'algorithms without a key': algorithmConfusion,
  'rows of certificates': chains,
  'bits of a certificate': certificateBitsUnsigned,
  'bits of a certificate, token signed again': certificateBits,
  'bits of a certificate, all signed again': signedCertificateBits,
  'certificates issued again': reissuedCertificates,
  'keys of other kinds': otherKeys,
  'foreign and expired chains': foreignChains,
  'documented fields': documentedFields,
  'app and environment': appAndEnvironment,
  containers,
  'moment of signing': moments,
  'moment of signing, outer': outerMoments,
  'text of the payload': payloadTexts,
  'payloads of another kind': kindConfusion,
  'nested tokens': nestedTokens,
  'nested tokens in other places': misplacedTokens,
} as const satisfies Readonly<Record<string, Mutation>>;

export type MutationName = keyof typeof MUTATIONS;
