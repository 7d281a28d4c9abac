import { describe, expect, it } from 'vitest';
import { type Certificate, CertificateError, parseCertificate } from '../../../src/trust/certificate.js';
import { parseDer, readOid } from '../../../src/trust/der.js';
import { caExtensions, leafExtensions, makeCertificate, x509 } from '../../support/certificates.js';
import { allNodes, type DerNode, readTree, writeTree } from '../../support/der-tree.js';
import { FUZZ_SEEDS } from '../../support/fuzz-seeds.js';
import { mulberry32 } from '../../support/seeded-random.js';

/** What both readers say about a certificate, in one form. */
interface Reading {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly isCa: boolean;
  readonly pathLength: number | null;
  readonly keyUsage: readonly string[] | null;
  readonly extensions: readonly string[];
}

const ROUNDS = 4_000;
type Random = () => number;
const upTo = (random: Random, limit: number): number => Math.floor(random() * limit);
const hex = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(new Uint8Array(bytes)).toString('hex');

function readOurs(der: Uint8Array): Reading | null {
  let certificate: Certificate;
  try {
    certificate = parseCertificate(der);
  } catch (error) {
    if (error instanceof CertificateError) return null;
    throw error;
  }
  const { subjectDer, issuerDer, serial, notBeforeMs, notAfterMs, isCa, pathLength, keyUsage, extensions } =
    certificate;
  const list = [...extensions].map(([oid, { critical }]) => `${oid} ${critical}`);
  const names = { subject: hex(subjectDer), issuer: hex(issuerDer) };
  const usages = keyUsage === null ? null : [...keyUsage];
  return { ...names, serial, notBeforeMs, notAfterMs, isCa, pathLength, keyUsage: usages, extensions: list };
}

const FLAGS = [
  ['digitalSignature', x509.KeyUsageFlags.digitalSignature],
  ['nonRepudiation', x509.KeyUsageFlags.nonRepudiation],
  ['keyEncipherment', x509.KeyUsageFlags.keyEncipherment],
  ['dataEncipherment', x509.KeyUsageFlags.dataEncipherment],
  ['keyAgreement', x509.KeyUsageFlags.keyAgreement],
  ['keyCertSign', x509.KeyUsageFlags.keyCertSign],
  ['cRLSign', x509.KeyUsageFlags.cRLSign],
  ['encipherOnly', x509.KeyUsageFlags.encipherOnly],
  ['decipherOnly', x509.KeyUsageFlags.decipherOnly],
] as const;

function readTheirs(der: Uint8Array): Reading | Error {
  try {
    const certificate = new x509.X509Certificate(der);
    const constraints = certificate.getExtension(x509.BasicConstraintsExtension);
    const usage = certificate.getExtension(x509.KeyUsagesExtension);
    return {
      subject: hex(certificate.subjectName.toArrayBuffer()),
      issuer: hex(certificate.issuerName.toArrayBuffer()),
      serial: certificate.serialNumber.toUpperCase().replace(/^00(?=.)/, ''),
      notBeforeMs: certificate.notBefore.getTime(),
      notAfterMs: certificate.notAfter.getTime(),
      isCa: constraints?.ca ?? false,
      pathLength: constraints?.pathLength ?? null,
      keyUsage: usage === null ? null : FLAGS.filter(([, flag]) => usage.usages & flag).map(([name]) => name),
      extensions: certificate.extensions.map(({ type, critical }) => `${type} ${critical}`),
    };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Extensions whose content we read; the content of all others is left alone, @peculiar/x509 reads some of them. */
const READ_EXTENSIONS = ['2.5.29.15', '2.5.29.19', '2.5.29.37', '1.3.6.1.5.5.7.1.1'];

/** The same certificate without the extensions whose content we leave alone. */
function withoutUnreadExtensions(der: Uint8Array): Uint8Array {
  const root = readTree(der);
  const list = root.children![0]!.children!.find(({ tag }) => tag === 0xa3)?.children?.[0]?.children ?? [];
  const kept = list.filter((extension) => READ_EXTENSIONS.includes(extensionOid(extension)));
  list.splice(0, list.length, ...kept);
  return writeTree(root);
}

function extensionOid(extension: DerNode): string {
  return readOid(parseDer(writeTree(extension.children![0]!)), 'the identifier of an extension');
}

/** Cases in which we rightly accept what @peculiar/x509 refuses: why, and how they are told from all others. */
const EXPLAINED: readonly { readonly why: string; readonly applies: (der: Uint8Array, refusal: string) => boolean }[] =
  [
    {
      why: 'the content of an extension that we do not act on is none of our business',
      applies: (der) => !(readTheirs(withoutUnreadExtensions(der)) instanceof Error),
    },
  ];

function compare(der: Uint8Array): 'refused' | 'agreed' | 'explained' {
  const ours = readOurs(der);
  if (ours === null) return 'refused';
  const theirs = readTheirs(der);
  if (theirs instanceof Error) {
    if (EXPLAINED.some(({ applies }) => applies(der, theirs.message))) return 'explained';
    throw new Error(`accepted, but @peculiar/x509 says ${theirs.message}: ${hex(der)}`);
  }
  expect(theirs, hex(der)).toEqual(ours);
  return 'agreed';
}

/** One change of bytes, lengths left as they are: most of it must be refused. */
function changeBytes(der: Uint8Array, random: Random): Uint8Array {
  const at = upTo(random, der.length);
  const [before, after] = [der.subarray(0, at), der.subarray(at)];
  switch (upTo(random, 5)) {
    case 0:
      return Buffer.concat([before, Buffer.of(after[0]! ^ (1 << upTo(random, 8))), after.subarray(1)]);
    case 1:
      return Buffer.concat([before, Buffer.of(upTo(random, 256)), after.subarray(1)]);
    case 2:
      return Buffer.concat([before, after.subarray(1)]);
    case 3:
      return Buffer.concat([before, Buffer.of(upTo(random, 256)), after]);
    default:
      return upTo(random, 2) === 0 ? before : Buffer.concat([der, after]);
  }
}

/** One change of structure, lengths made to fit: more of it is read, so that more is compared. */
function changeTree(der: Uint8Array, random: Random): Uint8Array {
  const root = readTree(der);
  const places = allNodes(root).slice(1);
  const { node, siblings } = places[upTo(random, places.length)]!;
  const at = siblings.indexOf(node);
  switch (upTo(random, 6)) {
    case 0:
      siblings.splice(at, 1);
      break;
    case 1:
      siblings.splice(at, 0, node);
      break;
    case 2:
      siblings.splice(at, 1, siblings[upTo(random, siblings.length)]!);
      break;
    case 3:
      node.tag = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31][
        upTo(random, 14)
      ]!;
      break;
    default:
      changeContent(node, random);
  }
  return writeTree(root);
}

function changeContent(node: DerNode, random: Random): void {
  if (node.content.length === 0) return;
  const content = Uint8Array.from(node.content);
  content[upTo(random, content.length)] = upTo(random, 256);
  const length = upTo(random, 3) === 0 ? upTo(random, content.length + 1) : content.length;
  Object.assign(node, { content: content.subarray(0, length), children: null });
}

const seeds = Object.values(FUZZ_SEEDS).map((base64) => Buffer.from(base64, 'base64'));

describe('the certificate reader against @peculiar/x509', () => {
  it.each(Object.entries(FUZZ_SEEDS))('agrees on %s', (_name, base64) => {
    expect(compare(Buffer.from(base64, 'base64'))).toBe('agreed');
  });

  it.each(['P-256', 'P-384', 'RSA'] as const)('agrees on certificates made now with %s', async (keyKind) => {
    const issuer = await makeCertificate({ subject: 'C=US, CN=Issuer', keyKind, extensions: caExtensions() });
    const leaf = await makeCertificate({
      subject: 'CN=Leaf',
      issuer,
      keyKind,
      extensions: leafExtensions('http://a.example/'),
    });
    expect([issuer, leaf].map(({ certificate }) => compare(certificate.der))).toEqual(['agreed', 'agreed']);
  });

  it.each([
    ['bytes', changeBytes],
    ['structure', changeTree],
  ] as const)('agrees on thousands of certificates with changed %s', (_what, change) => {
    const random = mulberry32(20_260_601);
    const counts = { refused: 0, agreed: 0, explained: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      counts[compare(change(seeds[round % seeds.length]!, random))] += 1;
    }
    expect(counts.agreed).toBeGreaterThan(ROUNDS / 10);
    expect(counts.refused).toBeGreaterThan(ROUNDS / 10);
    expect(counts.explained).toBeLessThan(ROUNDS / 50);
  });
});
