import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Authority,
  createAuthority,
  exportAuthority,
  importAuthority,
} from '../../../../src/simulator/authority/authority.js';
import type { ChainOptions, SigningChain } from '../../../../src/simulator/authority/chain.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9, 0, 0, 123);
const INTERMEDIATE_MARKER = '1.2.840.113635.100.6.2.1';
const LEAF_MARKER = '1.2.840.113635.100.6.11.1';

let authority: Authority;
let chain: SigningChain;
beforeAll(async () => {
  authority = await createAuthority({ nowMs: NOW_MS });
  chain = await authority.issueChain();
});

/** DER of `SEQUENCE { OID, OCTET STRING { NULL } }`: the extension is there, not critical, and its value is NULL. */
function markerExtension(oid: string): Buffer {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  const encoded = Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
  return Buffer.concat([Buffer.from([0x06, encoded.length]), encoded, Buffer.from([0x04, 0x02, 0x05, 0x00])]);
}

function base128(arc: number): number[] {
  const more = arc >= 128 ? base128(Math.floor(arc / 128)).map((byte) => byte | 0x80) : [];
  return [...more, arc % 128];
}

const carries = (certificate: X509Certificate, oid: string) => certificate.raw.includes(markerExtension(oid));

describe('a chain', () => {
  it('is linked from the leaf to the root, which signed itself', () => {
    const { leaf, intermediate, root } = chain;
    expect(leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate.checkIssued(root) && intermediate.verify(root.publicKey)).toBe(true);
    expect(root.checkIssued(root) && root.verify(root.publicKey)).toBe(true);
  });

  it('has the names, keys and rights of its roles', () => {
    const facts = [chain.leaf, chain.intermediate, chain.root].map((certificate) => ({
      subject: certificate.subject,
      ca: certificate.ca,
      curve: certificate.publicKey.asymmetricKeyDetails?.namedCurve,
    }));
    expect(facts).toEqual([
      {
        subject: 'CN=storewire TEST Notification Signing\nOU=storewire TEST\nO=storewire',
        ca: false,
        curve: 'prime256v1',
      },
      { subject: 'CN=storewire TEST Intermediate\nOU=storewire TEST\nO=storewire', ca: true, curve: 'secp384r1' },
      { subject: 'CN=storewire TEST Root\nOU=storewire TEST\nO=storewire', ca: true, curve: 'secp384r1' },
    ]);
  });

  it("carries Apple's markers on intermediate and leaf, each its own", () => {
    expect(carries(chain.leaf, LEAF_MARKER)).toBe(true);
    expect(carries(chain.intermediate, INTERMEDIATE_MARKER)).toBe(true);
    expect(carries(chain.leaf, INTERMEDIATE_MARKER)).toBe(false);
    expect(carries(chain.intermediate, LEAF_MARKER)).toBe(false);
  });

  it('is in x5c from leaf to root, in standard base64', () => {
    const parsed = chain.x5c.map((entry) => new X509Certificate(Buffer.from(entry, 'base64')).fingerprint256);
    expect(parsed).toEqual(
      [chain.leaf, chain.intermediate, chain.root].map((certificate) => certificate.fingerprint256),
    );
  });

  it('has the private keys of leaf and intermediate', () => {
    expect(chain.leaf.checkPrivateKey(chain.leafKey)).toBe(true);
    expect(chain.intermediate.checkPrivateKey(chain.intermediateKey)).toBe(true);
  });

  it('is valid from a day ago for a year, as its root', () => {
    for (const { validFrom, validTo } of [chain.leaf, chain.intermediate, chain.root]) {
      expect([validFrom, validTo]).toEqual(['Nov  1 09:00:00 2026 GMT', 'Nov  2 09:00:00 2027 GMT']);
    }
  });

  it('has other keys and serial numbers each time', async () => {
    const other = await authority.issueChain();
    expect(other.leaf.serialNumber).not.toBe(chain.leaf.serialNumber);
    expect(other.leafKey.equals(chain.leafKey)).toBe(false);
  });

  it('has no OCSP address unless one is given', async () => {
    expect(chain.leaf.infoAccess).toBeUndefined();
    const ocspUrls = { leaf: 'http://127.0.0.1:4/leaf', intermediate: 'http://127.0.0.1:4/intermediate' };
    const withOcsp = await authority.issueChain({ ocspUrls });
    expect(withOcsp.leaf.infoAccess?.trim()).toBe(`OCSP - URI:${ocspUrls.leaf}`);
    expect(withOcsp.intermediate.infoAccess?.trim()).toBe(`OCSP - URI:${ocspUrls.intermediate}`);
  });

  it('may last beyond 2049, where X.509 changes how it writes a date', async () => {
    const long = await createAuthority({ nowMs: NOW_MS, validForMs: 30 * 365 * 86_400_000 });
    expect(new Date(long.root.validTo).getUTCFullYear()).toBe(2056);
  });
});

interface Defect {
  what: string;
  options: ChainOptions;
  holds: (chain: SigningChain) => boolean;
}
const DEFECTS: readonly Defect[] = [
  {
    what: 'a leaf without marker',
    options: { leaf: { marker: false } },
    holds: ({ leaf }) => !carries(leaf, LEAF_MARKER),
  },
  {
    what: 'an intermediate without marker',
    options: { intermediate: { marker: false } },
    holds: ({ intermediate }) => !carries(intermediate, INTERMEDIATE_MARKER),
  },
  {
    what: 'an intermediate that is not a CA',
    options: { intermediate: { isCa: false } },
    holds: (c) => !c.intermediate.ca,
  },
  {
    what: 'a leaf signed by another key',
    options: { leaf: { signedByStranger: true } },
    holds: ({ leaf, intermediate }) => !leaf.verify(intermediate.publicKey) && leaf.issuer === intermediate.subject,
  },
  {
    what: 'a leaf that names another issuer',
    options: { leaf: { issuerName: { CN: 'Other' } } },
    holds: ({ leaf, intermediate }) => leaf.verify(intermediate.publicKey) && leaf.issuer === 'CN=Other',
  },
  {
    what: 'a name of its own',
    options: { leaf: { name: { CN: 'Leaf', O: 'Apple Inc.', C: 'US' } } },
    holds: ({ leaf }) => leaf.subject === 'CN=Leaf\nO=Apple Inc.\nC=US',
  },
  {
    what: 'dates of its own',
    options: { leaf: { notBeforeMs: NOW_MS + 1000, notAfterMs: NOW_MS + 2000 } },
    holds: ({ leaf }) => leaf.validFrom === 'Nov  2 09:00:01 2026 GMT' && leaf.validTo === 'Nov  2 09:00:02 2026 GMT',
  },
];

describe('overrides', () => {
  it.each(DEFECTS)('$what, and nothing else', async ({ options, holds }) => {
    expect(holds(chain)).toBe(false);
    expect(holds(await authority.issueChain(options))).toBe(true);
  });
});

describe('export and import', () => {
  it('gives the same authority back', async () => {
    const again = importAuthority(exportAuthority(authority));
    expect(again.rootPem).toBe(authority.rootPem);
    const { intermediate } = await again.issueChain();
    expect(intermediate.checkIssued(authority.root) && intermediate.verify(authority.root.publicKey)).toBe(true);
  });

  it.each([
    { what: 'a certificate that is not PEM', change: { rootPem: 'no' } },
    { what: 'a key that is not PEM', change: { keyPem: 'no' } },
  ])('refuses $what', ({ change }) => {
    const read = () => importAuthority({ ...exportAuthority(authority), ...change });
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_AUTHORITY_UNREADABLE', kind: 'usage' }));
  });

  it('refuses the key of another root', async () => {
    const { keyPem } = exportAuthority(await createAuthority({ nowMs: NOW_MS }));
    const read = () => importAuthority({ rootPem: authority.rootPem, keyPem });
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_AUTHORITY_UNREADABLE' }));
  });
});
