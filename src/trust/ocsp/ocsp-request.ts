import type { Certificate } from '../certificate.js';
import { identify, OID_SHA256, serialBytes } from './certificate-id.js';

/**
 * The OCSP request for one certificate, DER: SHA-256 CertID, as Apple's libraries send it, no nonce (Apple's responder
 * answers from prepared answers and would not repeat it) and no signature.
 */
export async function buildOcspRequest(certificate: Certificate, issuer: Certificate): Promise<Uint8Array> {
  const [{ Integer, Null, OctetString }, pki] = await Promise.all([import('asn1js'), import('pkijs')]);
  const id = identify(certificate, issuer, OID_SHA256)!;
  const reqCert = new pki.CertID({
    hashAlgorithm: new pki.AlgorithmIdentifier({ algorithmId: id.hashOid, algorithmParams: new Null() }),
    issuerNameHash: new OctetString({ valueHex: exactBuffer(id.issuerNameHash) }),
    issuerKeyHash: new OctetString({ valueHex: exactBuffer(id.issuerKeyHash) }),
    serialNumber: new Integer({ valueHex: exactBuffer(serialBytes(id.serial)) }),
  });
  const tbsRequest = new pki.TBSRequest({ requestList: [new pki.Request({ reqCert })] });
  return new Uint8Array(new pki.OCSPRequest({ tbsRequest }).toSchema(true).toBER());
}

/** asn1js takes ArrayBuffers whole; a Buffer may be a window on a larger one. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
