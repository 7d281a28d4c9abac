import { describe, expect, it } from 'vitest';
import type { StepOutcome } from '../../../src/endpoint-check/step.js';
import { type AddressFindings, mergeFindings } from '../../../src/endpoint-check/tls/check.js';
import { type Findings, TLS_IDS, type TlsId } from '../../../src/endpoint-check/tls/titles.js';

const PASS: StepOutcome = { status: 'pass', seen: 'fine' };
const SKIP: StepOutcome = { status: 'skip', seen: 'not known' };

function at(address: string, found: Partial<Findings> = {}, code?: string): AddressFindings {
  const all = Object.fromEntries(TLS_IDS.map((id) => [id, PASS])) as Record<TlsId, StepOutcome>;
  const error = Object.assign(new Error('no'), { code });
  const failure =
    code === undefined
      ? null
      : { stage: 'connecting' as const, error, firstBytes: new Uint8Array(0), httpStatus: null };
  const lenient = { session: null, failure, stoppedAt: null, hasKeys: false };
  return { observation: { address, lenient }, findings: { ...all, ...found } };
}

const unreachable = (address: string, code: string): AddressFindings =>
  at(
    address,
    { ...Object.fromEntries(TLS_IDS.map((id) => [id, SKIP])), 'tls.connect': { status: 'fail', seen: code } },
    code,
  );

const merge = (all: readonly AddressFindings[], isLoopback = false, skippedCount = 0) =>
  mergeFindings(all, { isLoopback, skippedCount });
const EXPIRED: StepOutcome = { status: 'fail', seen: 'expired' };

describe('several addresses', () => {
  it('say once what they agree on', () => {
    const both = [at('192.0.2.1', { 'tls.expiry': EXPIRED }), at('192.0.2.2', { 'tls.expiry': EXPIRED })];
    expect(merge(both)['tls.expiry']).toEqual(EXPIRED);
    expect(merge(both)['tls.connect']).toEqual({ status: 'pass', seen: '192.0.2.1, 192.0.2.2' });
  });

  it('name the one that differs', () => {
    const found = merge([at('192.0.2.1'), at('192.0.2.2', { 'tls.expiry': EXPIRED }), at('192.0.2.3')]);
    expect(found['tls.expiry']).toEqual({ status: 'fail', seen: 'at 192.0.2.2 (1 of 3 addresses): expired' });
  });

  it('count one that cannot be connected to', () => {
    const found = merge([at('192.0.2.1'), unreachable('192.0.2.2', 'ECONNREFUSED')]);
    expect(found['tls.connect']).toMatchObject({ status: 'fail', seen: expect.stringContaining('192.0.2.2') });
    expect(found['tls.chain'].status).toBe('pass');
  });

  it('do not count IPv6 where this machine has none', () => {
    const found = merge([at('192.0.2.1'), unreachable('2001:db8::1', 'ENETUNREACH')]);
    expect(found['tls.connect']).toEqual({ status: 'pass', seen: '192.0.2.1; 2001:db8::1 not reachable from here' });
    expect(merge([unreachable('2001:db8::1', 'ENETUNREACH')])['tls.connect'].status).toBe('fail');
  });

  it('need not all be served on this machine', () => {
    const all = [at('127.0.0.1'), unreachable('::1', 'ECONNREFUSED')];
    expect(merge(all, true)['tls.connect'].status).toBe('pass');
    expect(merge(all, false)['tls.connect'].status).toBe('fail');
  });

  it('say how many were not checked', () => {
    expect(merge([at('192.0.2.1')], false, 4)['tls.connect'].seen).toBe('192.0.2.1; 4 more not checked');
  });
});
