import { beforeAll, describe, expect, it } from 'vitest';
import { INTERMEDIATE_MARKER_OID, inspectChain, LEAF_MARKER_OID } from '../../../src/trust/chain.js';
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
