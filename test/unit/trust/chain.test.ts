import { beforeAll, describe, expect, it } from 'vitest';
import { createChainCache, INTERMEDIATE_MARKER_OID, inspectChain, LEAF_MARKER_OID } from '../../../src/trust/chain.js';
import { caExtensions, leafExtensions, type Made, makeCertificate, x509 } from '../../support/certificates.js';

const NULL_DER = new Uint8Array([5, 0]);
const marker = (oid: string) => new x509.Extension(oid, false, NULL_DER);

async function chainUnder(pathLength: number | undefined) {
  const root = await makeCertificate({ subject: 'CN=Root', extensions: caExtensions(pathLength) });
  const intermediate = await makeCertificate({
    subject: 'CN=Intermediate',
    issuer: root,
    extensions: [...caExtensions(0), marker(INTERMEDIATE_MARKER_OID)],
  });
  const leaf = await makeCertificate({
    subject: 'CN=Leaf',
    issuer: intermediate,
    extensions: [...leafExtensions(), marker(LEAF_MARKER_OID)],
  });
  return [leaf, intermediate, root] as const;
}

function inspect(chain: readonly [Made, Made, Made]) {
  const x5c = chain.map(({ certificate }) => Buffer.from(certificate.der).toString('base64'));
  return inspectChain(x5c, [{ certificate: chain[2].certificate, name: 'test root' }]);
}

describe('the path length of a root', () => {
  let chains: ReadonlyMap<number | undefined, Awaited<ReturnType<typeof chainUnder>>>;
  beforeAll(async () => {
    const lengths = [undefined, 0, 1, 2];
    chains = new Map(await Promise.all(lengths.map(async (length) => [length, await chainUnder(length)] as const)));
  });

  it.each([undefined, 1, 2])('%s allows one intermediate', (length) => {
    const report = inspect(chains.get(length)!);
    expect([report.rootFound.ok, report.links.ok, report.ca.ok, report.markers.ok]).toEqual([true, true, true, true]);
  });

  it('0 allows none', () => {
    const report = inspect(chains.get(0)!);
    expect(report.links.ok).toBe(true);
    expect(report.ca).toMatchObject({ ok: false, reason: 'CHAIN_BROKEN' });
  });
});

describe('the cache of certificates above the leaf', () => {
  const encode = ({ certificate }: Made) => Buffer.from(certificate.der).toString('base64');

  it('changes no report', async () => {
    const [leaf, intermediate, root] = await chainUnder(1);
    const [otherLeaf, otherIntermediate, otherRoot] = await chainUnder(1);
    const roots = [{ certificate: root.certificate, name: 'test root' }];
    const cache = createChainCache();
    const chains = [
      [leaf, intermediate, root],
      [otherLeaf, intermediate, root],
      [otherLeaf, otherIntermediate, otherRoot],
      [otherLeaf, otherIntermediate, root],
      [leaf, intermediate, otherRoot],
      [leaf, intermediate, root],
    ].map((chain) => chain.map(encode));
    const summary = ({ root: found, links, rootFound, ca }: ReturnType<typeof inspectChain>) => ({
      name: found?.name,
      links,
      rootFound,
      ca,
    });
    const cached = chains.map((x5c) => summary(inspectChain(x5c, roots, cache)));
    expect(cached).toEqual(chains.map((x5c) => summary(inspectChain(x5c, roots))));
    expect(cached.map(({ links }) => links.ok)).toEqual([true, false, true, false, true, true]);
  });

  it('holds 64 certificates, the ones in use', async () => {
    const [leaf, intermediate, root] = await chainUnder(1);
    const cache = createChainCache();
    const inUse = encode(intermediate);
    for (let at = 0; at < 100; at++) {
      cache.certificates.set(`other ${at}`, root.certificate);
      inspectChain([encode(leaf), inUse, encode(root)], [], cache);
    }
    expect(cache.certificates.has(inUse)).toBe(true);
    expect(cache.certificates.size).toBeLessThanOrEqual(65);
  });
});
