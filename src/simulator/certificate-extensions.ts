import { createHash, type KeyObject } from 'node:crypto';
import type { Extension } from 'pkijs';
import type { ExtensionPlan } from './certificate-plan.js';

const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocsp: '1.3.6.1.5.5.7.48.1',
  extendedKeyUsage: '2.5.29.37',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const;

/** BIT STRING of RFC 5280 section 4.2.1.3: number of unused bits, then the bits from the left. */
const KEY_USAGE_BITS = { certSign: [1, 0x06], digitalSignature: [7, 0x80] } as const;
const URI_GENERAL_NAME = 6;

interface Encodable {
  toBER(): ArrayBuffer;
}
type Libraries = readonly [asn1: typeof import('asn1js'), pki: typeof import('pkijs')];

/** The extensions as pkijs wants them. Which are critical follows Apple's own certificates. */
export async function encodeExtensions(plan: ExtensionPlan, subjectKey: KeyObject): Promise<Extension[]> {
  const libraries = await Promise.all([import('asn1js'), import('pkijs')]);
  const [asn1, pki] = libraries;
  const make = (extnID: string, critical: boolean, value: Encodable) =>
    new pki.Extension({ extnID, critical, extnValue: value.toBER() });
  const optional = <T>(value: T | undefined, encode: (value: T) => Extension) =>
    value === undefined ? [] : [encode(value)];
  return [
    make(OID.basicConstraints, true, basicConstraints(libraries, plan)),
    ...optional(plan.issuerKey, (key) =>
      make(OID.authorityKeyIdentifier, false, authorityKeyIdentifier(libraries, key)),
    ),
    ...optional(plan.ocspUrl, (url) => make(OID.authorityInfoAccess, false, ocspAccess(libraries, url))),
    make(OID.subjectKeyIdentifier, false, keyIdentifier(libraries, subjectKey)),
    make(OID.keyUsage, true, keyUsage(libraries, plan.keyUsage)),
    ...optional(plan.marker, (oid) => make(oid, false, new asn1.Null())),
    ...optional(plan.ocspSigner, () => make(OID.extendedKeyUsage, false, ocspSigning(libraries))),
    ...optional(plan.ocspSigner, () => make(OID.ocspNoCheck, false, new asn1.Null())),
  ];
}

function basicConstraints([, pki]: Libraries, plan: ExtensionPlan): Encodable {
  const limit = plan.pathLength === undefined ? {} : { pathLenConstraint: plan.pathLength };
  return new pki.BasicConstraints({ cA: plan.isCa, ...limit }).toSchema();
}

function authorityKeyIdentifier(libraries: Libraries, issuerKey: KeyObject): Encodable {
  const [, pki] = libraries;
  return new pki.AuthorityKeyIdentifier({ keyIdentifier: keyIdentifier(libraries, issuerKey) }).toSchema();
}

function ocspAccess([, pki]: Libraries, url: string): Encodable {
  const accessLocation = new pki.GeneralName({ type: URI_GENERAL_NAME, value: url });
  const description = new pki.AccessDescription({ accessMethod: OID.ocsp, accessLocation });
  return new pki.InfoAccess({ accessDescriptions: [description] }).toSchema();
}

/** RFC 5280 section 4.2.1.2, method 1: SHA-1 of the key's bits. */
function keyIdentifier([asn1, pki]: Libraries, key: KeyObject) {
  const info = pki.PublicKeyInfo.fromBER(key.export({ type: 'spki', format: 'der' }));
  const digest = createHash('sha1').update(info.subjectPublicKey.valueBlock.valueHexView).digest();
  return new asn1.OctetString({ valueHex: new Uint8Array(digest).buffer });
}

function keyUsage([asn1]: Libraries, usage: ExtensionPlan['keyUsage']): Encodable {
  const [unusedBits, bits] = KEY_USAGE_BITS[usage];
  return new asn1.BitString({ unusedBits, valueHex: new Uint8Array([bits]).buffer });
}

function ocspSigning([, pki]: Libraries): Encodable {
  return new pki.ExtKeyUsage({ keyPurposes: [OID.ocspSigning] }).toSchema();
}
