import { type Edit, EXTENSION, withAdded, withDoubled, withExtension, without } from './certificate-surgery.js';

/** The extensions that chains are judged by, and some that are not; values in hex. */
export function extensionEdits(isRoot: boolean): Record<string, Edit> {
  const { basicConstraints, keyUsage, extendedKeyUsage, nameConstraints, policies, unknown } = EXTENSION;
  const basic = (value: string, critical = true) => withExtension(basicConstraints, value, critical);
  const usage = (value: string, critical = true) => withExtension(keyUsage, value, critical);
  return {
    'a CA': basic('30 03 01 01 ff'),
    'a CA, not critical': basic('30 03 01 01 ff', false),
    'a CA, path length 0': basic('30 06 01 01 ff 02 01 00'),
    'a CA, path length 1': basic('30 06 01 01 ff 02 01 01'),
    'a CA, path length -1': basic('30 06 01 01 ff 02 01 ff'),
    'a CA, written as 01': basic('30 03 01 01 01'),
    'no CA': basic('30 00'),
    'no CA, written out': basic('30 03 01 01 00'),
    'no CA, path length 0': basic('30 03 02 01 00'),
    'basicConstraints garbage': basic('de ad be ef'),
    'basicConstraints of no bytes': basic(''),
    'basicConstraints with a byte behind': basic('30 03 01 01 ff 00'),
    'basicConstraints in BER': basic('30 80 01 01 ff 00 00'),
    'no basicConstraints': without(basicConstraints),
    'basicConstraints twice': withDoubled(basicConstraints),
    'keyUsage certSign, crlSign': usage('03 02 01 06'),
    'keyUsage certSign': usage('03 02 02 04'),
    'keyUsage digitalSignature': usage('03 02 07 80'),
    'keyUsage digitalSignature, certSign': usage('03 02 02 84'),
    'keyUsage digitalSignature, not critical': usage('03 02 07 80', false),
    'keyUsage keyAgreement': usage('03 02 03 08'),
    'keyUsage decipherOnly': usage('03 03 07 00 80'),
    'keyUsage without bits': usage('03 01 00'),
    'keyUsage zero': usage('03 02 07 00'),
    'keyUsage garbage': usage('de ad be ef'),
    'keyUsage with unused bits set': usage('03 02 07 ff'),
    'no keyUsage': without(keyUsage),
    'keyUsage twice': withDoubled(keyUsage),
    'extendedKeyUsage serverAuth': withAdded(extendedKeyUsage, '30 0a 06 08 2b 06 01 05 05 07 03 01', false),
    'extendedKeyUsage serverAuth, critical': withAdded(extendedKeyUsage, '30 0a 06 08 2b 06 01 05 05 07 03 01', true),
    'extendedKeyUsage empty': withAdded(extendedKeyUsage, '30 00', false),
    nameConstraints: withAdded(nameConstraints, '30 00', false),
    'nameConstraints, critical': withAdded(nameConstraints, '30 0a a0 08 30 06 82 04 74 65 73 74', true),
    policies: withAdded(policies, '30 06 30 04 06 02 2a 03', false),
    'policies, critical': withAdded(policies, '30 06 30 04 06 02 2a 03', true),
    'an unknown extension': withAdded(unknown, '05 00', false),
    'an unknown extension, critical': withAdded(unknown, '05 00', true),
    'an unknown extension of no bytes': withAdded(unknown, '', false),
    'no key identifier': without(EXTENSION.subjectKeyIdentifier),
    'key identifier garbage': withExtension(EXTENSION.subjectKeyIdentifier, 'de ad be ef', false),
    'another key identifier': withExtension(EXTENSION.subjectKeyIdentifier, '04 04 01 02 03 04', false),
    ...(isRoot
      ? {}
      : {
          'no key identifier of the issuer': without(EXTENSION.authorityKeyIdentifier),
          'key identifier of the issuer garbage': withExtension(EXTENSION.authorityKeyIdentifier, 'de ad be ef', false),
          'another key identifier of the issuer': withExtension(
            EXTENSION.authorityKeyIdentifier,
            '30 06 80 04 01 02 03 04',
            false,
          ),
        }),
  };
}

/** Apple's marker, of the leaf or of the intermediate. */
export function markerEdits(position: 0 | 1): Record<string, Edit> {
  const [own, other] =
    position === 0
      ? [EXTENSION.leafMarker, EXTENSION.intermediateMarker]
      : [EXTENSION.intermediateMarker, EXTENSION.leafMarker];
  return {
    'no marker': without(own),
    'marker critical': withExtension(own, '05 00', true),
    'marker of no bytes': withExtension(own, '', false),
    'marker with another value': withExtension(own, '0c 02 68 69', false),
    'marker twice': withDoubled(own),
    'both markers': withAdded(other, '05 00', false),
    "the other's marker": (signed) => {
      without(own)(signed);
      withAdded(other, '05 00', false)(signed);
    },
  };
}
